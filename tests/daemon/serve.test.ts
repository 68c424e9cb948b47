import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idOf } from "../../src/domain/ids.ts";
import { backupKey } from "../../src/operations/schedule/scheduled.ts";
import { openState, type Database } from "../../src/state/open.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { startDaemon, type Daemon } from "../support/daemon.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { until } from "../support/until.ts";

interface RunView {
  id: string;
  state: string;
  kind: string;
  requested_by: string;
  problems: { code: string }[];
}

/** A homelab with apps of one small file each, in one local repository. */
function lab(names: string[], more: { policy?: object; app?: object; daemon?: object } = {}): Homelab {
  const made = homelab();
  mkdirSync(made.home, { recursive: true });
  for (const name of names) {
    mkdirSync(join(made.folder, "data", name), { recursive: true });
    writeFileSync(join(made.folder, "data", name, "file"), name);
  }
  made.declare({
    destinations: { nas: { type: "local", path: join(made.folder, "nas") } },
    policies: { default: { schedule: "0 0 1 1 *", jitter: "0", ...more.policy } },
    apps: Object.fromEntries(names.map((name) => [name, { paths: [join(made.folder, "data", name)], ...more.app }])),
    ...(more.daemon === undefined ? {} : { daemon: more.daemon }),
  });
  return made;
}

const optionsOf = ({ home, folder }: Homelab) => ({ home, cwd: folder });

async function inState<T>({ home }: Homelab, work: (state: Database) => Promise<T>): Promise<T> {
  const state = await openState(join(home, "state.db"));
  try {
    return await work(state);
  } finally {
    await state.destroy();
  }
}

/** As if the schedule had last been looked at three days ago. */
async function dueLongAgo(made: Homelab, apps: string[]): Promise<void> {
  const threeDaysAgo = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString();
  await inState(made, async (state) => {
    for (const app of apps) {
      const row = { first_seen_at: threeDaysAgo, last_due_at: threeDaysAgo };
      await state
        .insertInto("schedules")
        .values({ key: backupKey({ name: app, device: hostname() }), ...row })
        .onConflict((conflict) => conflict.column("key").doUpdateSet(row))
        .execute();
    }
  });
}

async function backUp(daemon: Daemon, app: string): Promise<string> {
  const path = `/api/v1/backup/configurations/${idOf("configuration", app)}/backup`;
  return (await daemon.ask<{ run_id: string }>("POST", path, undefined, 202)).run_id;
}

const runOf = async (daemon: Daemon, id: string): Promise<RunView> =>
  await daemon.ask<RunView>("GET", `/api/v1/backup/runs/${id}`);

describe("the daemon", () => {
  it("says when it is ready, where it is, what it looks after, and how to get in; a signal ends it with 0", async () => {
    const made = lab(["one", "two"]);
    const running = startHoldfast(["serve", "--listen", "127.0.0.1:0"], optionsOf(made));
    const said = await running.says(/Ctrl-C stops it/);
    expect(said).toMatch(/is ready at http:\/\/127\.0\.0\.1:\d+/);
    expect(said).toContain("It looks after 2 apps in 1 destination. Next: ");
    expect(said).toMatch(/setup_[\w-]{20,}/);
    running.kill("SIGTERM");
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    // Nothing of it is left: not its presence, not its passing files.
    await inState(made, async (state) => {
      expect(await state.selectFrom("daemons").selectAll().execute()).toEqual([]);
    });
    expect(existsSync(join(made.home, "scratch"))).toBe(false);
  });

  it("refuses an address that is taken, and says so", async () => {
    const made = lab(["one"]);
    const daemon = await startDaemon(optionsOf(made));
    const port = new URL(daemon.url).port;
    const second = await made.run(["serve", "--listen", `127.0.0.1:${port}`]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`Holdfast cannot listen on 127.0.0.1:${port}`);
    await daemon.stop();
  });

  it("backs up what is due, once, also after it was down for three days", async () => {
    const made = lab(["one", "two"], { policy: { schedule: "0 2 * * *" } });
    const apps = ["one", "two"];
    await dueLongAgo(made, apps);
    const daemon = await startDaemon(optionsOf(made));
    await until(async () => {
      const { runs } = await daemon.ask<{ runs: RunView[] }>("GET", "/api/v1/backup/runs?kind=backup&state=success");
      return runs.length >= apps.length;
    });
    await daemon.stop();
    await inState(made, async (state) => {
      const runs = await state.selectFrom("runs").selectAll().where("app", "in", apps).execute();
      expect(runs.map((run) => `${run.app} ${run.state} ${run.requested_by}`).sort()).toEqual([
        "one success schedule",
        "two success schedule",
      ]);
    });
  });

  it("lets a run end within the grace period when it is told to stop", async () => {
    const made = lab(["slow"], { app: { hooks: { before: ["sleep 2"] } } });
    const daemon = await startDaemon(optionsOf(made));
    const run = await backUp(daemon, "slow");
    await until(async () => (await runOf(daemon, run)).state === "running");
    const ended = await daemon.stop();
    expect(ended.code).toBe(0);
    await inState(made, async (state) => {
      expect((await state.selectFrom("runs").selectAll().where("id", "=", run).executeTakeFirst())?.state).toBe(
        "success",
      );
    });
  });

  it("cancels cleanly what takes longer, runs its after-hooks, and keeps what is queued", async () => {
    const made = lab(["slow", "waiting"], {
      app: { hooks: { before: ["sleep 60"], after: [`echo $$ >> after`] } },
      daemon: { grace: "1s", limits: { runs: 1 } },
    });
    const daemon = await startDaemon(optionsOf(made));
    const slow = await backUp(daemon, "slow");
    const waiting = await backUp(daemon, "waiting");
    await until(async () => (await runOf(daemon, slow)).state === "running");
    await daemon.stop();
    await inState(made, async (state) => {
      const runs = await state
        .selectFrom("runs")
        .select(["id", "state"])
        .where("app", "in", ["slow", "waiting"])
        .execute();
      expect(new Map(runs.map(({ id, state }) => [id, state]))).toEqual(
        new Map([
          [slow, "cancelled"],
          [waiting, "queued"],
        ]),
      );
    });
    expect(readFileSync(join(made.folder, "after"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("queues again what its own stop cut off: a night is not lost by an update", async () => {
    const made = lab(["slow"], {
      policy: { schedule: "0 2 * * *" },
      app: { hooks: { before: ["sleep 60"] } },
      daemon: { grace: "0s" },
    });
    await dueLongAgo(made, ["slow"]);
    const daemon = await startDaemon(optionsOf(made));
    const runs = async () =>
      await inState(made, async (db) => {
        return await db.selectFrom("runs").selectAll().where("app", "=", "slow").orderBy("attempt").execute();
      });
    await until(async () => (await runs()).some((run) => run.state === "running"));
    await daemon.stop();
    expect((await runs()).map((run) => [run.state, run.attempt])).toEqual([
      ["cancelled", 1],
      ["queued", 2],
    ]);
  });

  it("cancels a run that is asked to end, and one that has not begun", async () => {
    const made = lab(["slow", "waiting"], {
      app: { hooks: { before: ["sleep 60"] } },
      daemon: { limits: { runs: 1 } },
    });
    const daemon = await startDaemon(optionsOf(made));
    const [slow, waiting] = [await backUp(daemon, "slow"), await backUp(daemon, "waiting")];
    await until(async () => (await runOf(daemon, slow)).state === "running");
    for (const id of [waiting, slow]) await daemon.api("POST", `/api/v1/backup/runs/${id}/cancel`);
    for (const id of [waiting, slow]) await until(async () => (await runOf(daemon, id)).state === "cancelled");
    await daemon.stop();
  });

  it("takes up again what it was killed in, runs the owed hooks, and says what happened", async () => {
    const made = lab(["one"], {
      app: { hooks: { before: ["touch stopped; test -e second || sleep 60"], after: ["rm -f stopped; touch second"] } },
    });
    const first = await startDaemon(optionsOf(made));
    const run = await backUp(first, "one");
    await until(() => Promise.resolve(existsSync(join(made.folder, "stopped"))));
    await first.kill();
    const daemon = await startDaemon(optionsOf(made), first);
    await until(async () => {
      const { runs } = await daemon.ask<{ runs: RunView[] }>("GET", "/api/v1/backup/runs?kind=backup&state=success");
      return runs.some(({ id }) => id !== run);
    });
    const interrupted = await runOf(daemon, run);
    expect([interrupted.state, interrupted.problems[0]?.code]).toEqual(["failed", "HF_RUN_INTERRUPTED"]);
    expect(existsSync(join(made.folder, "stopped"))).toBe(false);
    await daemon.stop();
  });

  it("tries again what failed of something that may pass, only there, and later; and nothing else", async () => {
    const made = lab(["one"], { policy: { schedule: "0 2 * * *", destinations: ["nas", "gone", "away"] } });
    const text = readFileSync(join(made.folder, "holdfast.yaml"), "utf8");
    const more = `  gone: { type: rest, url: "http://127.0.0.1:1/" }\n  away: { type: local, path: ${join(made.folder, "away")} }\n`;
    writeFileSync(join(made.folder, "holdfast.yaml"), text.replace("destinations:\n", `destinations:\n${more}`));
    expect((await made.run(["backup", "one", "--destination", "away"])).code).toBe(0);
    rmSync(join(made.folder, "away"), { recursive: true });
    await dueLongAgo(made, ["one"]);
    const daemon = await startDaemon(optionsOf(made));
    const runs = async () =>
      await inState(made, async (db) => {
        const all = db.selectFrom("runs").selectAll().where("app", "=", "one").where("requested_by", "=", "schedule");
        return await all.orderBy("queued_at").execute();
      });
    await until(async () => (await runs()).length === 2);
    await daemon.stop();
    const [first, second] = await runs();
    expect(first).toMatchObject({ state: "failed", attempt: 1 });
    const codes = (JSON.parse(first?.problems ?? "[]") as { code: string }[]).map(({ code }) => code);
    expect(codes.sort()).toEqual(["HF_REPOSITORY_MISSING", "HF_REPOSITORY_UNREACHABLE"]);
    expect(second).toMatchObject({ state: "queued", attempt: 2 });
    expect(JSON.parse(second?.destinations ?? "[]")).toEqual(["gone"]);
    const wait = Date.parse(second?.not_before ?? "") - Date.parse(first?.finished_at ?? "");
    expect(wait).toBeGreaterThanOrEqual(60_000);
    expect(wait).toBeLessThan(75_000);
  });

  it("reads anew what is declared when the file changes", async () => {
    const made = lab(["one"]);
    const daemon = await startDaemon(optionsOf(made));
    const text = readFileSync(join(made.folder, "holdfast.yaml"), "utf8");
    mkdirSync(join(made.folder, "data", "new"), { recursive: true });
    writeFileSync(
      join(made.folder, "holdfast.yaml"),
      `${text}  new:\n    paths: [${join(made.folder, "data", "new")}]\n`,
    );
    await until(async () => {
      const { apps } = await daemon.ask<{ apps: { name: string }[] }>("GET", "/api/v1/backup/apps");
      return apps.some(({ name }) => name === "new");
    });
    await daemon.stop();
  });

  it("shares its state with the command line: a queued backup is begun by it, a running one is followed", async () => {
    const made = lab(["slow", "waiting"], {
      app: { hooks: { before: ["sleep 3"] } },
      daemon: { limits: { runs: 1 } },
    });
    const daemon = await startDaemon(optionsOf(made));
    const [slow, waiting] = [await backUp(daemon, "slow"), await backUp(daemon, "waiting")];
    await until(async () => (await runOf(daemon, slow)).state === "running");
    const [followed, begun] = await Promise.all([
      made.json<{ apps: { runId: string; followed: boolean }[] }>(["backup", "slow"]),
      made.json<{ apps: { runId: string; followed: boolean }[] }>(["backup", "waiting"]),
    ]);
    expect(followed.apps[0]).toMatchObject({ runId: slow, followed: true });
    expect(begun.apps[0]).toMatchObject({ runId: waiting, followed: false });
    await daemon.stop();
  });
});
