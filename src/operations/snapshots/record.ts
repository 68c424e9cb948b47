import { failure } from "../../base/errors/error.ts";
import { snapshotRecordId, type SnapshotId } from "../../domain/names.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import type { Database } from "../../state/open.ts";
import { acceptSnapshot, setPinned } from "../../state/queries/snapshots.ts";
import { readSnapshotRecord, storedRecords } from "../../state/queries/snapshot-pages.ts";

/** A snapshot that lies in a repository, as far as the state knows. */
export type Stored = SnapshotRecord & { resticId: SnapshotId };

/** The record of this id. Throws HF_SNAPSHOT_UNKNOWN. */
export async function needRecord(state: Database, id: string): Promise<SnapshotRecord> {
  const record = await readSnapshotRecord(state, snapshotRecordId(id));
  if (record === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: id });
  return record;
}

/**
 * The snapshot of this id; for a run that found nothing changed, the one that it found current. Throws
 * HF_SNAPSHOT_UNKNOWN, HF_SNAPSHOT_FORGOTTEN, HF_SNAPSHOT_NOT_STORED.
 */
export async function needStored(state: Database, id: string): Promise<Stored> {
  const record = await currentOf(state, await needRecord(state, id));
  const { resticId, forgottenAt: at, status } = record;
  if (at !== undefined) throw failure("HF_SNAPSHOT_FORGOTTEN", { snapshot: id, at });
  if (resticId === undefined || status !== "success") throw failure("HF_SNAPSHOT_NOT_STORED", { snapshot: id, status });
  return { ...record, resticId };
}

/** What a record points to; itself, unless it is one of a run that found nothing changed. */
export async function currentOf(state: Database, record: SnapshotRecord): Promise<SnapshotRecord> {
  if (record.status !== "unchanged") return record;
  const found = await storedRecords(state, [record]);
  return found.find(({ destination }) => destination === record.destination) ?? record;
}

/** Pins a snapshot, so that retention never forgets it, or lets it go again. Throws as `needStored` does. */
export async function pin(state: Database, id: string, pinned: boolean): Promise<SnapshotRecord> {
  const record = await needStored(state, id);
  await setPinned(state, record.id, pinned);
  return { ...record, pinned };
}

/** A person says that a suspect snapshot is right; of any other nothing changes. Throws as `needStored` does. */
export async function accept(state: Database, id: string): Promise<SnapshotRecord> {
  const record = await needStored(state, id);
  await acceptSnapshot(state, record.id);
  return record.verdict === "suspect" ? { ...record, verdict: "good" } : record;
}
