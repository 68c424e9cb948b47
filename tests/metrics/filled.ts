import { randomUUID } from "node:crypto";
import { appName, destinationName, runId, snapshotId } from "../../src/domain/names.ts";
import type { Holdfast } from "../../src/operations/context/holdfast.ts";
import { createSnapshotRecord, finishSnapshotRecord } from "../../src/state/queries/snapshots.ts";
import { recordCheck, rememberDestination, noteDestination } from "../../src/state/queries/destinations.ts";
import { recordDump } from "../../src/state/queries/dumps.ts";

export const hour = 3_600_000;

/** Writes into the state what a run of long ago would have left: a snapshot of the app there, or a failure. */
export async function stored(
  { state, deviceName }: Holdfast,
  snapshot: { app: string; destination: string; at: Date; failed?: boolean },
): Promise<void> {
  const run = runId(randomUUID());
  const id = await createSnapshotRecord(state, {
    runId: run,
    app: appName(snapshot.app),
    destination: destinationName(snapshot.destination),
    host: deviceName,
    startedAt: snapshot.at.toISOString(),
  });
  await finishSnapshotRecord(state, id, {
    status: snapshot.failed === true ? "failed" : "success",
    completedAt: snapshot.at.toISOString(),
    durationMs: 2500,
    ...(snapshot.failed === true
      ? {}
      : {
          verdict: "good" as const,
          resticId: snapshotId(randomUUID().replaceAll("-", "").repeat(2)),
          time: snapshot.at.toISOString(),
          summary: {
            filesNew: 1,
            filesChanged: 2,
            filesUnmodified: 7,
            filesProcessed: 10,
            bytesProcessed: 4096,
            dataAdded: 2048,
            dataAddedPacked: 1024,
          },
        }),
  });
}

/** Writes what upkeep of a destination would have left. */
export async function keptUp({ state }: Holdfast, name: string, at: Date): Promise<void> {
  const destination = destinationName(name);
  const time = at.toISOString();
  await rememberDestination(state, destination, { repositoryId: "f".repeat(64), location: `/mnt/${name}`, at: time });
  await noteDestination(state, destination, { last_pruned_at: time, last_retained_at: time, size_bytes: 123_456 });
  await recordCheck(state, {
    destination,
    at: time,
    scope: "structure",
    outcome: "success",
    problems: [],
    durationMs: 10,
  });
}

export async function dumped({ state }: Holdfast, app: string, database: string, at: Date): Promise<void> {
  await recordDump(state, {
    runId: runId(randomUUID()),
    app,
    database,
    type: "sqlite",
    bytes: 2048,
    durationMs: 5,
    finishedAt: at.toISOString(),
  });
}
