import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import { idOf } from "../../src/domain/ids.ts";
import type { Database } from "../../src/state/open.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { startDaemon, type Daemon } from "../support/daemon.ts";
import { describeNeeding } from "../support/needs.ts";
import { newTarget, opened } from "../support/state-engines.ts";
import { until } from "../support/until.ts";

interface Pair {
  lab: Homelab;
  names: string[];
  state: Database;
  /** Starts one of the two, each with a home of its own. */
  start: (which: "a" | "b", known?: { token: string }) => Promise<Daemon>;
}

/** Two homes on one state in PostgreSQL, with one master key and one configuration. */
async function pair(count: number, more: { hook?: string; daemon?: object } = {}): Promise<Pair> {
  const lab = homelab();
  const names = Array.from({ length: count }, (_, index) => `app-${String(index).padStart(4, "0")}`);
  for (const name of names) {
    mkdirSync(join(lab.folder, "data", name), { recursive: true });
    writeFileSync(join(lab.folder, "data", name, "file"), name);
  }
  lab.declare({
    destinations: { nas: { type: "local", path: join(lab.folder, "nas") } },
    policies: { default: { schedule: "0 0 1 1 *", jitter: "0" } },
    apps: Object.fromEntries(
      names.map((name) => [
        name,
        {
          paths: [join(lab.folder, "data", name)],
          ...(more.hook === undefined ? {} : { hooks: { before: [more.hook] } }),
        },
      ]),
    ),
    ...(more.daemon === undefined ? {} : { daemon: more.daemon }),
  });
  const target = await newTarget("PostgreSQL");
  const url = target instanceof Secret ? target.reveal() : "";
  const start: Pair["start"] = async (which, known) => {
    const home = join(lab.folder, which);
    mkdirSync(home, { recursive: true });
    const keys = join(lab.folder, "keys");
    mkdirSync(keys, { recursive: true });
    const env = { DATABASE_URL: url, HOLDFAST_MASTER_KEY_FILE: join(keys, "master.key") };
    return await startDaemon({ home, cwd: lab.folder, env }, known);
  };
  return { lab, names, state: await opened(target), start };
}

async function backUpAll(daemon: Daemon, names: string[]): Promise<void> {
  for (const name of names) {
    const path = `/api/v1/backup/configurations/${idOf("configuration", name)}/backup`;
    expect((await daemon.api("POST", path)).status).toBe(202);
  }
}

const backups = async (state: Database, names: string[]) =>
  await state.selectFrom("runs").selectAll().where("kind", "=", "backup").where("app", "in", names).execute();

describeNeeding("postgres")("two daemons on one PostgreSQL", () => {
  it("share the work: each run is carried out once, by one of them, and limits hold over both", async () => {
    const limit = 3;
    const { names, state, start } = await pair(24, { hook: "sleep 0.3", daemon: { limits: { runs: limit } } });
    const a = await start("a");
    const b = await start("b", a);
    await backUpAll(a, names);
    let most = 0;
    await until(async () => {
      const runs = await backups(state, names);
      most = Math.max(most, runs.filter((run) => run.state === "running").length);
      return runs.every((run) => run.finished_at !== null);
    });
    const runs = await backups(state, names);
    expect(runs.map((run) => `${run.app} ${run.state}`).sort()).toEqual(names.map((name) => `${name} success`));
    expect(new Set(runs.map((run) => run.owner)).size).toBe(2);
    expect(most).toBeLessThanOrEqual(limit);
    expect(most).toBeGreaterThan(1);
    await Promise.all([a.stop(), b.stop()]);
  });

  it("one that is killed is taken over by the other", async () => {
    const { lab, names, state, start } = await pair(6, { hook: "test -e killed || sleep 30" });
    const a = await start("a");
    await backUpAll(a, names);
    await until(async () => (await backups(state, names)).some((run) => run.state === "running"));
    const b = await start("b", a);
    appendFileSync(join(lab.folder, "killed"), "");
    await a.kill();
    await until(async () => {
      const done = (await backups(state, names)).filter((run) => run.state === "success");
      return new Set(done.map((run) => run.app)).size === names.length;
    });
    const runs = await backups(state, names);
    const interrupted = runs.filter((run) => run.problems.includes("HF_RUN_INTERRUPTED"));
    expect(interrupted.length).toBeGreaterThan(0);
    expect(runs.filter((run) => run.state === "success")).toHaveLength(names.length);
    await b.stop();
  });
});
