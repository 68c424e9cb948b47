import type { App } from "../../domain/app.ts";
import type { Keep } from "../../domain/atoms/keep.ts";
import { mayForget } from "../../domain/destination.ts";
import { decideRetention, type RetentionSnapshot } from "../../domain/retention/decide.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { lastRunBad } from "./decide.ts";

/** What a retention would do with one app's snapshots in one destination. */
export interface RetentionPreview {
  app: App["name"];
  destination: string;
  /** Nothing is forgotten there from here, whatever the retention says. */
  appendOnly: boolean;
  snapshots: PreviewedSnapshot[];
}

export interface PreviewedSnapshot {
  record: SnapshotRecord;
  keep: boolean;
  reasons: string[];
}

/**
 * Which of an app's snapshots a retention would keep, and why, by what the state knows of them: no repository is asked.
 * Newest first, one history per destination and host, as retention itself decides.
 */
export async function previewRetention(
  holdfast: Pick<Holdfast, "state" | "declared" | "clock">,
  app: App,
  keep: Keep,
): Promise<RetentionPreview[]> {
  const records = await listSnapshotRecords(holdfast.state, { app: app.name });
  const now = holdfast.clock.now();
  const destinations = [...new Set(records.map((record) => record.destination))].sort();
  return destinations.flatMap((destination): RetentionPreview[] => {
    const own = records.filter((record) => record.destination === destination);
    const declared = holdfast.declared.destinations.find(({ name }) => name === destination);
    const stored = own.filter(isThere);
    const hosts = [...new Set(stored.map(({ host }) => host))].sort();
    const snapshots = hosts.flatMap((host) =>
      decided(
        stored.filter((record) => record.host === host),
        keep,
        { now, lastRunBad: lastRunBad(own, app.name) },
      ),
    );
    if (snapshots.length === 0) return [];
    return [{ app: app.name, destination, appendOnly: declared !== undefined && !mayForget(declared), snapshots }];
  });
}

function isThere(record: SnapshotRecord): boolean {
  return record.status === "success" && record.resticId !== undefined && record.forgottenAt === undefined;
}

function decided(
  records: readonly SnapshotRecord[],
  keep: Keep,
  context: { now: Date; lastRunBad: boolean },
): PreviewedSnapshot[] {
  const byId = new Map(records.map((record) => [String(record.id), record]));
  const history = records.map((record): RetentionSnapshot => ({
    id: record.id,
    time: record.time ?? record.startedAt,
    app: record.app,
    verdict: record.verdict ?? "unproven",
    pinned: record.pinned,
  }));
  return decideRetention(history, keep, context).flatMap(({ id, keep: stays, reasons }) => {
    const record = byId.get(id);
    return record === undefined ? [] : [{ record, keep: stays, reasons }];
  });
}
