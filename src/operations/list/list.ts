import { failure } from "../../base/errors/error.ts";
import { appName, destinationName, runId } from "../../domain/names.ts";
import type { Entry } from "../../domain/repository.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { acceptSnapshot, findSnapshotRecords, listSnapshotRecords, setPinned } from "../../state/queries/snapshots.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import type { Caller } from "../run/listener.ts";

export interface ListRequest {
  app?: string;
  destination?: string;
  /** Also what failed, was unchanged, or has been forgotten. */
  all?: boolean;
}

/** The snapshots that the state knows, newest first. */
export async function listSnapshots(holdfast: Holdfast, request: ListRequest): Promise<SnapshotRecord[]> {
  return await listSnapshotRecords(holdfast.state, {
    ...(request.app === undefined ? {} : { app: appName(request.app) }),
    ...(request.destination === undefined ? {} : { destination: destinationName(request.destination) }),
    ...(request.all === true ? {} : { stored: true }),
  });
}

/** What a snapshot holds, straight from its repository. Throws HF_SNAPSHOT_*, HF_REPOSITORY_*. */
export async function* listFiles(
  holdfast: Holdfast,
  request: { snapshot: string; path?: string },
  caller: Caller,
): AsyncIterable<Entry> {
  const record = await one(holdfast, request.snapshot);
  if (record.resticId === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: request.snapshot });
  const repository = await repositoriesOf(holdfast).open(record.destination);
  const run = { runId: runId("list"), signal: caller.signal, clock: holdfast.clock, emit: () => undefined };
  yield* repository.entries(record.resticId, request.path, run);
}

/** Pins a snapshot, so that retention never forgets it, or lets it go again. */
export async function pinSnapshot(holdfast: Holdfast, snapshot: string, pinned: boolean): Promise<SnapshotRecord> {
  const record = await one(holdfast, snapshot);
  await setPinned(holdfast.state, record.id, pinned);
  return { ...record, pinned };
}

/** Says that a suspect snapshot is right after all, wherever that run stored it. */
export async function acceptSuspect(holdfast: Holdfast, snapshot: string): Promise<SnapshotRecord> {
  const record = await one(holdfast, snapshot);
  const sameRun = await listSnapshotRecords(holdfast.state, { app: record.app, runId: record.runId, stored: true });
  for (const other of sameRun) await acceptSnapshot(holdfast.state, other.id);
  return record.verdict === "suspect" ? { ...record, verdict: "good" } : record;
}

async function one(holdfast: Holdfast, prefix: string): Promise<SnapshotRecord> {
  const found = await findSnapshotRecords(holdfast.state, prefix);
  const [first] = found;
  if (first === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: prefix });
  const ids = [...new Set(found.map((record) => record.resticId ?? ""))];
  if (ids.length === 1) return first;
  throw failure("HF_SNAPSHOT_AMBIGUOUS", { snapshot: prefix, candidates: ids.map((id) => id.slice(0, 12)).join(", ") });
}
