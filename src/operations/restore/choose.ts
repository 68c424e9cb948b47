import { failure } from "../../base/errors/error.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { appName, destinationName } from "../../domain/names.ts";
import { findSnapshotRecords, listSnapshotRecords } from "../../state/queries/snapshots.ts";
import type { Holdfast } from "../context/holdfast.ts";

export interface SnapshotChoice {
  app: string;
  /** The beginning of a snapshot's id; the newest good one when absent. */
  snapshot?: string;
  destination?: string;
}

/**
 * The snapshot to restore, and after it the same run's snapshots in other destinations, which serve when the first
 * cannot be reached. Throws HF_SNAPSHOT_UNKNOWN, HF_SNAPSHOT_AMBIGUOUS.
 */
export async function chooseSnapshots(holdfast: Holdfast, choice: SnapshotChoice): Promise<SnapshotRecord[]> {
  const records =
    choice.snapshot === undefined ? await newest(holdfast, choice) : await named(holdfast, choice, choice.snapshot);
  const [first] = records;
  if (first === undefined) {
    throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: choice.snapshot ?? `${choice.app} (any)` });
  }
  const run = await listSnapshotRecords(holdfast.state, { app: first.app, runId: first.runId, stored: true });
  const sameRun = inDestination(run, choice);
  return sameRun.sort((left, right) => nearness(holdfast, left) - nearness(holdfast, right));
}

async function newest(holdfast: Holdfast, choice: SnapshotChoice): Promise<SnapshotRecord[]> {
  const stored = inDestination(
    await listSnapshotRecords(holdfast.state, { app: appName(choice.app), stored: true }),
    choice,
  );
  // After a recovery the newest one is unproven, and is what a person wants all the same: the report says what it is.
  const likely = stored.filter(({ verdict }) => verdict === "good" || verdict === "unproven");
  return likely.length > 0 ? likely : stored;
}

async function named(holdfast: Holdfast, choice: SnapshotChoice, prefix: string): Promise<SnapshotRecord[]> {
  const found = inDestination(await findSnapshotRecords(holdfast.state, prefix), choice).filter(
    (record) => record.app === choice.app,
  );
  const ids = [...new Set(found.map((record) => record.resticId ?? ""))];
  if (ids.length > 1) {
    throw failure("HF_SNAPSHOT_AMBIGUOUS", {
      snapshot: prefix,
      candidates: ids.map((id) => id.slice(0, 12)).join(", "),
    });
  }
  return found;
}

function inDestination(records: SnapshotRecord[], choice: SnapshotChoice): SnapshotRecord[] {
  if (choice.destination === undefined) return records;
  return records.filter((record) => record.destination === destinationName(choice.destination ?? ""));
}

/** A repository on this machine first: it is the quickest. */
function nearness(holdfast: Holdfast, record: SnapshotRecord): number {
  const declared = holdfast.declared.destinations.find((destination) => destination.name === record.destination);
  if (declared === undefined) return 2;
  return declared.type === "local" ? 0 : 1;
}
