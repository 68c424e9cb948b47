import { createHash, randomUUID } from "node:crypto";
import type { Insertable } from "kysely";
import { destinationName } from "../../src/domain/names.ts";
import type { Database } from "../../src/state/open.ts";
import type { RunsTable, SnapshotsTable } from "../../src/state/schema.ts";
import { rememberDestination } from "../../src/state/queries/destinations.ts";

const hourMs = 3_600_000;

export interface History {
  apps: readonly string[];
  destinations: readonly string[];
  nights: number;
}

/** Writes into the state what nightly backups would have left: a run per app and night, a snapshot per destination. */
export async function rememberHistory(state: Database, { apps, destinations, nights }: History): Promise<void> {
  const now = Date.now();
  const oldest = new Date(now - nights * 24 * hourMs).toISOString();
  for (const name of destinations) {
    const found = { repositoryId: digest(name), location: `/mnt/${name}`, at: oldest };
    await rememberDestination(state, destinationName(name), found);
  }
  for (const [index, app] of apps.entries()) {
    const runs: Insertable<RunsTable>[] = [];
    const snapshots: Insertable<SnapshotsTable>[] = [];
    for (let night = 0; night < nights; night += 1) {
      const at = new Date(now - night * 24 * hourMs - hourMs - index).toISOString();
      const run = randomUUID();
      runs.push(runOf(run, app, at, destinations));
      for (const destination of destinations) snapshots.push(snapshotOf(run, app, destination, at));
    }
    await state.transaction().execute(async (transaction) => {
      await transaction.insertInto("runs").values(runs).execute();
      await transaction.insertInto("snapshots").values(snapshots).execute();
    });
  }
}

function runOf(id: string, app: string, at: string, destinations: readonly string[]): Insertable<RunsTable> {
  return {
    id,
    kind: "backup",
    app,
    state: "success",
    requested_by: "schedule",
    dry_run: 0,
    queued_at: at,
    started_at: at,
    finished_at: at,
    heartbeat_at: at,
    problems: "[]",
    attempt: 1,
    destinations: JSON.stringify(destinations),
    wave: 0,
  };
}

function snapshotOf(run: string, app: string, destination: string, at: string): Insertable<SnapshotsTable> {
  const path = `/srv/${app}`;
  const summary = {
    filesNew: 1,
    filesChanged: 2,
    filesUnmodified: 397,
    filesProcessed: 400,
    bytesProcessed: 12_000_000,
    dataAdded: 90_000,
    dataAddedPacked: 60_000,
  };
  return {
    id: randomUUID(),
    run_id: run,
    app,
    destination,
    status: "success",
    verdict: "good",
    restic_id: digest(run + destination),
    time: at,
    host: "homelab",
    paths: JSON.stringify([path, `/var/lib/holdfast/staging/${app}`]),
    tags: JSON.stringify(["holdfast", `app:${app}`, `service:${app}`, "type:files", `run:${run}`]),
    summary: JSON.stringify(summary),
    fingerprint: digest(app + at),
    parts: JSON.stringify([{ name: path, files: 400, bytes: 12_000_000 }]),
    pinned: 0,
    started_at: at,
    completed_at: at,
    duration_ms: 900,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
