import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Obligation } from "../../src/base/journal/journal.ts";
import { thisProcess, type Owner } from "../../src/base/process/owner.ts";
import { sharedRepositories } from "../../src/daemon/shared-repositories.ts";
import type { Holdfast } from "../../src/operations/context/holdfast.ts";
import { withOwnScratch } from "../../src/operations/context/scratch.ts";
import { endRun } from "../../src/operations/run/end.ts";
import { settle } from "../../src/operations/settle/settle.ts";
import { openState } from "../../src/state/open.ts";
import { claimRun, finishRun, readRun, type RunRecord } from "../../src/state/queries/runs.ts";
import { homelab } from "../engine/homelab.ts";
import { setting } from "../notify/setting.ts";
import { binaries } from "../support/binaries.ts";
import { startDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const { signal } = new AbortController();

async function begun(holdfast: Holdfast, app: string, owner: Owner = holdfast.owner): Promise<RunRecord> {
  const now = holdfast.clock.now().toISOString();
  const of = { kind: "backup", app, destinations: [], requestedBy: "schedule", dryRun: false, owner, now } as const;
  return (await claimRun(holdfast.state, of)).run;
}

const finish = async ({ state, clock }: Holdfast, run: RunRecord): Promise<boolean> =>
  await finishRun(state, run.id, "success", [], clock.now().toISOString());

/** Writes an obligation of another process into the journal. */
function owe(home: string, owner: Owner, hook: string, incurredAt: string): string {
  const id = randomUUID();
  const hooks = [{ command: hook, limitMs: 60_000 }];
  const obligation: Obligation = { id, incurredAt, owner, duty: { kind: "hooks", app: "immich", hooks } };
  const folder = join(home, "journal", owner.node);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify(obligation));
  return file;
}

describe("a process that goes on after its state failed", () => {
  it("closes a run of its own on which nobody works, after a minute, and none that is at work", async () => {
    const made = await setting({});
    const { holdfast } = made;
    const [lost, working] = [await begun(holdfast, "immich"), await begun(holdfast, "paperless")];
    using _held = holdfast.cancelling.hold(working);
    expect((await settle(holdfast, signal)).runs).toEqual([]);
    made.now += 61_000;
    expect((await settle(holdfast, signal)).runs).toEqual([lost.id]);
    expect(await readRun(holdfast.state, lost.id)).toMatchObject({
      state: "failed",
      problems: [{ code: "HF_RUN_INTERRUPTED" }],
    });
    expect((await readRun(holdfast.state, working.id))?.state).toBe("running");
  });

  it("ends what it is doing for a run that another has closed", async () => {
    const { holdfast } = await setting({});
    const run = await begun(holdfast, "immich");
    using own = holdfast.cancelling.begin(run, signal);
    await finish(holdfast, run);
    await until(async () => await Promise.resolve(own.signal.aborted));
    expect([...holdfast.cancelling.apps()]).toEqual(["immich"]);
  });

  it("carries out an after-hook again that failed in itself, but not while its app has a run", async () => {
    const { holdfast, folder } = await setting({});
    const run = await begun(holdfast, "immich");
    const hook = { command: `touch ${join(folder, "started")}`, limitMs: 10_000 };
    await holdfast.journal.incur({ kind: "hooks", app: "immich", hooks: [hook] });
    expect((await settle(holdfast, signal)).settled).toEqual([]);
    await finish(holdfast, run);
    {
      // Closed by another while this process is still at it.
      using _held = holdfast.cancelling.hold(run);
      expect((await settle(holdfast, signal)).settled).toEqual([]);
    }
    expect((await settle(holdfast, signal)).settled).toHaveLength(1);
    expect(existsSync(join(folder, "started"))).toBe(true);
    expect(await holdfast.journal.open()).toEqual([]);
  });

  it("meets what a container of its name owed that is not heard of any more", async () => {
    const made = await setting({});
    const { holdfast, folder } = made;
    const before: Owner = { ...thisProcess(), pidNamespace: "pid:[1]" };
    owe(join(folder, "home"), before, "true", new Date(made.now).toISOString());
    expect((await settle(holdfast, signal)).settled).toEqual([]);
    made.now += 61_000;
    expect((await settle(holdfast, signal)).settled).toHaveLength(1);
  });

  it("closes a run also when nobody can be told of it, and tells nothing of one that another has closed", async () => {
    const { holdfast, outbox } = await setting({
      phone: { type: "webhook", url: "http://127.0.0.1:9/", on: ["success"] },
    });
    const end = { outcome: "success" as const, problems: [], durationMs: 1 };
    const [untold, told] = [await begun(holdfast, "immich"), await begun(holdfast, "paperless")];
    const fails = sql`create trigger full before insert on outbox begin select raise(abort, 'disk is full'); end`;
    await fails.execute(holdfast.state);
    expect(await endRun(holdfast, untold, end)).toMatchObject({ params: { detail: expect.stringContaining("disk") } });
    expect((await readRun(holdfast.state, untold.id))?.state).toBe("success");
    await sql`drop trigger full`.execute(holdfast.state);
    await endRun(holdfast, untold, end);
    expect(await outbox()).toEqual([]);
    expect(await endRun(holdfast, told, end)).toBeUndefined();
    expect(await outbox()).toHaveLength(1);
  });

  it("makes its folder for passing files again when it could not be made the first time", async () => {
    const { holdfast } = await setting({});
    rmSync(holdfast.home.scratch, { recursive: true, force: true });
    writeFileSync(holdfast.home.scratch, "in the way");
    await using own = withOwnScratch(holdfast);
    await expect(own.holdfast.scratch()).rejects.toThrow(/EEXIST|ENOTDIR/);
    rmSync(holdfast.home.scratch);
    expect(existsSync(await own.holdfast.scratch())).toBe(true);
    expect(await holdfast.journal.open()).toHaveLength(1);
    await own[Symbol.asyncDispose]();
    expect(await holdfast.journal.open()).toEqual([]);
  });

  it("does not call a stored snapshot failed for what went wrong after it", async () => {
    const made = homelab();
    mkdirSync(join(made.folder, "data"));
    writeFileSync(join(made.folder, "data", "file"), "one");
    made.declare({
      destinations: { nas: { type: "local", path: join(made.folder, "nas") } },
      apps: { one: { paths: [join(made.folder, "data")] } },
    });
    await made.json(["backup", "one", "--no-retain"]);
    const state = await openState(join(made.home, "state.db"));
    try {
      await sql`create trigger full before delete on turns begin select raise(abort, 'disk is full'); end`.execute(
        state,
      );
      writeFileSync(join(made.folder, "data", "file"), "another");
      await made.json(["backup", "one", "--no-retain"], 1);
      const rows = await state.selectFrom("snapshots").selectAll().where("app", "=", "one").execute();
      expect(rows.map(({ status, verdict, restic_id }) => [status, verdict, restic_id !== null])).toEqual([
        ["success", "good", true],
        ["success", "good", true],
      ]);
    } finally {
      await state.destroy();
    }
  });
});

describe("the repositories that runs share", () => {
  afterEach(() => vi.useRealTimers());

  it("leave no passing files once they are ten minutes old, also when nothing runs any more", async () => {
    const { holdfast } = await setting({}, { HOLDFAST_RESTIC: binaries.restic.sid });
    const shared = sharedRepositories({ info: () => undefined, failed: () => undefined, problem: () => undefined });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const [destination] = holdfast.declared.destinations;
    if (destination === undefined) throw new Error("nothing is declared");
    await shared.use(holdfast, async (repositories) => await repositories.open(destination.name));
    expect(readdirSync(holdfast.home.scratch)).toHaveLength(1);
    vi.advanceTimersByTime(10 * 60_000);
    vi.useRealTimers();
    await until(async () => await Promise.resolve(readdirSync(holdfast.home.scratch).length === 0));
    await shared.end();
  });
});

it("a daemon that is told to stop while it settles ends within its grace period, and still owes what it left", async () => {
  const made = homelab();
  mkdirSync(made.home, { recursive: true });
  made.declare({ daemon: { grace: "1s" } });
  const gone: Owner = { node: hostname(), bootId: "gone", pid: 1, startTime: "1" };
  const began = join(made.folder, "began");
  const owed = owe(made.home, gone, `touch ${began}; sleep 60`, new Date().toISOString());
  const daemon = await startDaemon({ home: made.home, cwd: made.folder });
  await until(async () => await Promise.resolve(existsSync(began)));
  const since = performance.now();
  expect((await daemon.stop()).code).toBe(0);
  expect(performance.now() - since).toBeLessThan(30_000);
  expect(existsSync(owed)).toBe(true);
});
