import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { orphansOf } from "../../src/base/process/orphans.ts";
import { idOf } from "../../src/domain/ids.ts";
import { openState } from "../../src/state/open.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { binaries } from "../support/binaries.ts";
import { startDaemon, type Daemon } from "../support/daemon.ts";

const limitMs = 15 * 60_000;

/** Kills a daemon at random moments while it works off its queue, and looks at what is left in the end. */
export async function killDuringQueue(wanted: { runs: number; kills: number }): Promise<void> {
  const lab = homelab();
  const names = Array.from({ length: wanted.runs }, (_, index) => `app-${String(index).padStart(3, "0")}`);
  declareApps(lab, names);
  const options = { home: lab.home, cwd: lab.folder };
  mkdirSync(lab.home, { recursive: true });
  let daemon = await startDaemon(options);
  const { token } = daemon;
  for (const name of names) {
    const path = `/api/v1/backup/configurations/${idOf("configuration", name)}/backup`;
    expect((await daemon.api("POST", path)).status, name).toBe(202);
  }
  for (let kill = 0; kill < wanted.kills; kill++) {
    await sleep(200 + Math.random() * 1300);
    await daemon.kill();
    daemon = await startDaemon(options, { token });
  }
  await drained(daemon);
  const ended = await daemon.stop();
  expect(ended.code, ended.stderr).toBe(0);
  await expectTruth(lab, names);
}

/** Each app's hooks say whether it is "stopped". */
function declareApps(lab: Homelab, names: string[]): void {
  const stopped = join(lab.folder, "stopped");
  mkdirSync(stopped);
  for (const name of names) {
    const folder = join(lab.folder, "data", name);
    mkdirSync(folder, { recursive: true });
    for (const file of ["one", "two"]) writeFileSync(join(folder, file), `${name} ${file}`.repeat(500));
  }
  lab.declare({
    destinations: { nas: { type: "local", path: join(lab.folder, "nas") } },
    policies: { default: { schedule: "0 0 1 1 *", jitter: "0" } },
    apps: Object.fromEntries(
      names.map((name) => [
        name,
        {
          paths: [join(lab.folder, "data", name)],
          hooks: { before: [`touch ${join(stopped, name)}`], after: [`rm -f ${join(stopped, name)}`] },
        },
      ]),
    ),
  });
}

async function drained(daemon: Daemon): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const queued = await daemon.ask<{ runs: unknown[] }>("GET", "/api/v1/backup/runs?state=queued&limit=1");
    const running = await daemon.ask<{ runs: unknown[] }>("GET", "/api/v1/backup/runs?state=running&limit=1");
    if (queued.runs.length + running.runs.length === 0) return;
    if (performance.now() > deadline) throw new Error("the queue was not worked off");
    await sleep(300);
  }
}

async function expectTruth(lab: Homelab, names: string[]): Promise<void> {
  const state = await openState(join(lab.home, "state.db"));
  try {
    const runs = await state.selectFrom("runs").selectAll().where("kind", "=", "backup").execute();
    expect(runs.filter((run) => run.finished_at === null)).toEqual([]);
    const successes = runs.filter((run) => run.state === "success");
    // What was killed was queued again: in the end every app has its backup.
    expect(new Set(successes.map((run) => run.app))).toEqual(new Set(names));
    const records = await state.selectFrom("snapshots").selectAll().execute();
    expect(records.filter((record) => record.status === "in_progress")).toEqual([]);
    const good = records.filter((record) => record.status === "success" && record.verdict === "good");
    expect(good.map((record) => record.run_id).sort()).toEqual(successes.map((run) => run.id).sort());
    const stored = new Set(
      resticIn(lab, ["snapshots", "--json"], (text) => JSON.parse(text) as { id: string }[]).map(({ id }) => id),
    );
    expect(good.filter((record) => !stored.has(record.restic_id ?? ""))).toEqual([]);
    expect(await state.selectFrom("turns").selectAll().execute()).toEqual([]);
    for (const run of runs) {
      if (run.owner === null) continue;
      expect(orphansOf(JSON.parse(run.owner) as Parameters<typeof orphansOf>[0])).toEqual([]);
    }
  } finally {
    await state.destroy();
  }
  expect(readdirSync(join(lab.folder, "stopped"))).toEqual([]);
  expect(resticIn(lab, ["list", "locks", "--no-lock"], (text) => text.trim())).toBe("");
  const journal = join(lab.home, "journal");
  const open = existsSync(journal)
    ? readdirSync(journal, { recursive: true }).filter((name) => String(name).endsWith(".json"))
    : [];
  expect(open).toEqual([]);
}

/** What plain restic says of the repository. */
function resticIn<T>(lab: Homelab, args: string[], read: (text: string) => T): T {
  const kit = join(lab.folder, `kit-${Math.random().toString(36).slice(2)}.json`);
  const written = spawnSync(process.execPath, ["bin/holdfast", "recover", "--kit", kit], {
    encoding: "utf8",
    env: { ...process.env, HOLDFAST_HOME: lab.home, HOLDFAST_CONFIG: join(lab.folder, "holdfast.yaml") },
  });
  expect(written.status, written.stderr).toBe(0);
  const { destinations } = JSON.parse(spawnSync("cat", [kit], { encoding: "utf8" }).stdout) as {
    destinations: { password: string }[];
  };
  const done = spawnSync(binaries.restic.sid, ["-r", join(lab.folder, "nas"), ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, RESTIC_PASSWORD: destinations[0]?.password ?? "" },
  });
  expect(done.status, done.stderr).toBe(0);
  return read(done.stdout);
}
