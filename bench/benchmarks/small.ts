import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { sql } from "kysely";
import { thisProcess } from "../../src/base/process/owner.ts";
import { appName, destinationName, runId, snapshotId, snapshotRecordId } from "../../src/domain/names.ts";
import type { SnapshotRecord } from "../../src/domain/snapshot.ts";
import { openState, type Database } from "../../src/state/open.ts";
import { rememberDestination } from "../../src/state/queries/destinations.ts";
import { claimRun, finishRun } from "../../src/state/queries/runs.ts";
import { insertSnapshotRecord } from "../../src/state/queries/snapshots.ts";
import type { Benchmark } from "../benchmark.ts";
import { benchedHoldfast } from "../support/holdfast.ts";

const hourMs = 3_600_000;

/** What a look at a homelab with a long history costs. */
export const small: Benchmark = {
  name: "small",
  summary: "holdfast status on 50 apps and 10,000 snapshots",
  async run({ folder, rounds, quick, restic, say }) {
    const [apps, nights] = quick ? [3, 5] : [50, 200];
    const names = Array.from({ length: apps }, (_, index) => `app${index + 1}`);
    const holdfast = await benchedHoldfast(folder, restic);
    await holdfast.configure(Object.fromEntries(names.map((name) => [name, { paths: [`/srv/${name}`] }])));
    say(`writing ${apps * nights} snapshots into the state`);
    await remember(join(holdfast.home, "state.db"), holdfast.repository, names, nights);
    const seconds: number[] = [];
    const memory: number[] = [];
    const processes: number[] = [];
    await holdfast.run("status");
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      seconds.push((await holdfast.run("status")) / 1000);
      processes.push(await holdfast.resticProcesses());
      memory.push(await holdfast.peakMemory("status"));
    }
    return [
      { name: "holdfast status", unit: "s", limit: 0.3, samples: seconds },
      { name: "its memory", unit: "MB", limit: 120, samples: memory },
      { name: "its restic processes", unit: "processes", limit: 0, samples: processes },
    ];
  },
};

/** One run and one snapshot for each app and night, the last ones an hour ago. */
async function remember(path: string, repository: string, apps: string[], nights: number): Promise<void> {
  const state = await openState(path);
  try {
    // Thousands of transactions: that they survive a power cut is not what is measured.
    await sql`PRAGMA synchronous = OFF`.execute(state);
    const now = Date.now();
    for (let night = nights; night > 0; night -= 1) {
      const at = new Date(now - (night - 1) * 24 * hourMs - hourMs).toISOString();
      for (const app of apps) await rememberNight(state, app, at);
    }
    await rememberDestination(state, destinationName("nas"), {
      repositoryId: digest("repository"),
      location: repository,
      at: new Date(now - nights * 24 * hourMs).toISOString(),
    });
  } finally {
    await state.destroy();
  }
}

async function rememberNight(state: Database, app: string, at: string): Promise<void> {
  const { run } = await claimRun(state, {
    kind: "backup",
    app,
    destinations: [],
    requestedBy: "schedule",
    dryRun: false,
    owner: thisProcess(),
    now: at,
  });
  await finishRun(state, run.id, "success", [], at);
  await insertSnapshotRecord(state, snapshotOf(run.id, app, at));
}

function snapshotOf(run: string, app: string, at: string): SnapshotRecord {
  const path = `/srv/${app}`;
  return {
    id: snapshotRecordId(randomUUID()),
    runId: runId(run),
    app: appName(app),
    destination: destinationName("nas"),
    status: "success",
    verdict: "good",
    resticId: snapshotId(digest(run)),
    time: at,
    host: "homelab",
    paths: [path, `/var/lib/holdfast/staging/${app}`],
    tags: ["holdfast", `app:${app}`, `service:${app}`, "type:files", `run:${run}`],
    summary: {
      filesNew: 1,
      filesChanged: 2,
      filesUnmodified: 397,
      filesProcessed: 400,
      bytesProcessed: 12_000_000,
      dataAdded: 90_000,
      dataAddedPacked: 60_000,
    },
    fingerprint: digest(app + at),
    parts: [{ name: path, files: 400, bytes: 12_000_000 }],
    pinned: false,
    startedAt: at,
    completedAt: at,
    durationMs: 900,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
