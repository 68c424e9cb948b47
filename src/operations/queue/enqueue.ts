import type { App } from "../../domain/app.ts";
import { destinationName, type DestinationName, type SnapshotRecordId } from "../../domain/names.ts";
import type { RequestedBy } from "../../domain/run-state.ts";
import type { Database } from "../../state/open.ts";
import { insertQueued } from "../../state/queries/queue.ts";
import { unfinishedRuns, type RunRecord } from "../../state/queries/runs.ts";
import { createSnapshotRecord } from "../../state/queries/snapshots.ts";
import type { Holdfast } from "../context/holdfast.ts";

export interface BackupOrder {
  app: App;
  /** Where it will be stored. */
  destinations: string[];
  requestedBy: RequestedBy;
  /** The due time that it is for, such as `backup:box/immich:2026-11-20T02:00:00.000Z`. */
  slot?: string;
  notBefore?: string;
  attempt?: number;
  /** Only to these of the destinations. */
  only?: string[];
  /** Create a repository anew although its destination was used before. */
  initialise?: boolean;
}

/** A run in the queue, and its record in each destination. */
export interface Queued {
  run: RunRecord;
  snapshots: { id: SnapshotRecordId; destination: DestinationName }[];
}

/**
 * Puts backups into the queue, within the caller's transaction (`writing`). An order whose app has an unfinished run, or
 * whose slot has been served, is left out: nothing is queued twice.
 */
export async function enqueueBackups(
  holdfast: Pick<Holdfast, "clock" | "deviceName">,
  transaction: Database,
  orders: readonly BackupOrder[],
): Promise<Queued[]> {
  if (orders.length === 0) return [];
  const unfinished = await unfinishedRuns(transaction);
  // Two machines may have an app of the same name.
  const busy = new Set(unfinished.map(({ app, node }) => keyOf(app, node)));
  const anywhere = new Set(unfinished.filter(({ node }) => node === undefined).map(({ app }) => app));
  const queued: Queued[] = [];
  for (const order of orders) {
    const { name, device } = order.app;
    if (busy.has(keyOf(name, device)) || anywhere.has(name)) continue;
    const run = await insertOne(holdfast, transaction, order);
    if (run === undefined) continue;
    busy.add(keyOf(name, device));
    const snapshots: Queued["snapshots"] = [];
    for (const name of run.destinations) {
      const destination = destinationName(name);
      const { id: runId, queuedAt: startedAt } = run;
      const record = { runId, app: order.app.name, destination, host: order.app.device, startedAt };
      snapshots.push({ id: await createSnapshotRecord(transaction, record), destination });
    }
    queued.push({ run, snapshots });
  }
  return queued;
}

const keyOf = (app: string | undefined, node: string | undefined): string => JSON.stringify([app, node]);

async function insertOne(
  holdfast: Pick<Holdfast, "clock" | "deviceName">,
  transaction: Database,
  order: BackupOrder,
): Promise<RunRecord | undefined> {
  const { app, only } = order;
  return await insertQueued(transaction, {
    work: { kind: "backup", initialise: order.initialise ?? false, ...(only === undefined ? {} : { only }) },
    app: app.name,
    destinations: order.destinations.filter((name) => only === undefined || only.includes(name)),
    requestedBy: order.requestedBy,
    attempt: order.attempt ?? 1,
    node: app.device,
    wave: app.order,
    queuedAt: holdfast.clock.now().toISOString(),
    ...(order.slot === undefined ? {} : { slot: order.slot }),
    ...(order.notBefore === undefined ? {} : { notBefore: order.notBefore }),
  });
}

export interface UpkeepOrder {
  kind: "retain" | "prune" | "check";
  destination: string;
  requestedBy: RequestedBy;
  /** Of a check; by default the next part. */
  data?: "none" | "part" | "all";
  slot?: string;
}

/** Puts upkeep into the queue, within the caller's transaction. What is queued already for a destination is not queued again. */
export async function enqueueUpkeep(
  holdfast: Pick<Holdfast, "clock">,
  transaction: Database,
  orders: readonly UpkeepOrder[],
): Promise<RunRecord[]> {
  if (orders.length === 0) return [];
  const waiting = (await unfinishedRuns(transaction)).filter((run) => run.state === "queued");
  const queued: RunRecord[] = [];
  for (const { kind, destination, requestedBy, data = "part", slot } of orders) {
    if (waiting.some((run) => run.kind === kind && run.destination === destination)) continue;
    const run = await insertQueued(transaction, {
      work: kind === "check" ? { kind, data } : { kind },
      destination,
      destinations: [destination],
      requestedBy,
      attempt: 1,
      wave: 0,
      queuedAt: holdfast.clock.now().toISOString(),
      ...(slot === undefined ? {} : { slot }),
    });
    if (run !== undefined) queued.push(run);
  }
  return queued;
}
