import { randomUUID } from "node:crypto";
import type { QueuedWork } from "../../domain/queue.ts";
import {
  furthestMs,
  isUrgent,
  nextRuns,
  rankOf,
  type DispatchRules,
  type DispatchRun,
} from "../../domain/schedule/dispatch.ts";
import type { RequestedBy, RunKind, RunState } from "../../domain/run-state.ts";
import { runId, type RunId } from "../../domain/names.ts";
import type { Owner } from "../../base/process/owner.ts";
import type { Database } from "../open.ts";
import { writing } from "../transaction.ts";
import { beginning, fromRow, type RunRecord } from "./runs.ts";

export interface QueueEntry {
  work: QueuedWork;
  app?: string;
  /** Of upkeep. */
  destination?: string;
  /** All that it will use. */
  destinations: string[];
  requestedBy: RequestedBy;
  slot?: string;
  notBefore?: string;
  attempt: number;
  node?: string;
  wave: number;
  queuedAt: string;
}

/** Puts a run into the queue, within the caller's transaction. Undefined when a run has this slot already. */
export async function insertQueued(transaction: Database, entry: QueueEntry): Promise<RunRecord | undefined> {
  const row = await transaction
    .insertInto("runs")
    .values({
      id: randomUUID(),
      kind: entry.work.kind,
      app: entry.app ?? null,
      destination: entry.destination ?? null,
      state: "queued",
      requested_by: entry.requestedBy,
      dry_run: 0,
      queued_at: entry.queuedAt,
      owner: null,
      heartbeat_at: entry.queuedAt,
      problems: "[]",
      work: JSON.stringify(entry.work),
      slot: entry.slot ?? null,
      not_before: entry.notBefore ?? null,
      attempt: entry.attempt,
      node: entry.node ?? null,
      destinations: JSON.stringify(entry.destinations),
      wave: entry.wave,
      rank: rankOf({ requestedBy: entry.requestedBy, kind: entry.work.kind }),
    })
    .onConflict((conflict) => conflict.column("slot").doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await transaction
    .insertInto("events")
    .values({ run_id: row.id, at: entry.queuedAt, type: "queued", body: JSON.stringify({ type: "queued" }) })
    .execute();
  return fromRow(row);
}

/** Takes out of the queue what may begin now, for this process: no other process gets the same. */
export async function claimQueued(
  db: Database,
  owner: Owner,
  { now: at, ...rules }: Omit<DispatchRules, "now"> & { now: Date },
): Promise<RunRecord[]> {
  const now = at.toISOString();
  // Most looks find nothing: they need not wait for the right to write.
  if (!(await isAnyReady(db, { ...rules, now }))) return [];
  return await writing(db, async (transaction) => {
    const ids = await mayBegin(transaction, { ...rules, now });
    if (ids.length === 0) return [];
    const rows = await transaction
      .updateTable("runs")
      .set(beginning(transaction, { owner, now }))
      .where("id", "in", ids)
      .returningAll()
      .execute();
    const claimed = rows.map(fromRow);
    return ids.flatMap((id) => claimed.filter((run) => run.id === id));
  });
}

/** So much of the queue is looked at first: with a thousand runs in it, reading all of it would be most of the work. */
const headLength = 64;

async function mayBegin(db: Database, rules: DispatchRules): Promise<RunId[]> {
  const running = (await dispatchRows(db).where("state", "=", "running").execute()).map(toDispatch);
  const room = Math.min(rules.limits.runs - running.length, rules.most ?? Number.POSITIVE_INFINITY);
  if (room <= 0) return [];
  const ready = readyRows(db, rules);
  const backups = ready.where("kind", "=", "backup");
  const upkeep = (await ready.where("kind", "!=", "backup").execute()).map(toDispatch);
  for (let length = headLength; ; length *= 8) {
    const head = await backups
      .orderBy("rank")
      .orderBy("wave")
      .orderBy("queued_at")
      .orderBy("id")
      .limit(length)
      .execute();
    const whole = head.length < length;
    // What waits for every backup must know of every backup.
    const others = upkeep.filter((run) => whole || isUrgent(run, rules.now));
    const begin = nextRuns([...running, ...head.map(toDispatch), ...others], rules);
    if (begin.length >= room || whole) return begin;
  }
}

/** What waits for nothing but its turn. */
function readyRows(db: Database, { now, node }: Pick<DispatchRules, "now" | "node">) {
  const far = new Date(Date.parse(now) + furthestMs).toISOString();
  return dispatchRows(db)
    .where("state", "=", "queued")
    .where("cancel_requested_at", "is", null)
    .where((where) =>
      where.or([where("not_before", "is", null), where("not_before", "<=", now), where("not_before", ">", far)]),
    )
    .where((where) => where.or([where("node", "is", null), where("node", "=", node)]));
}

async function isAnyReady(db: Database, rules: DispatchRules): Promise<boolean> {
  return (await readyRows(db, rules).limit(1).execute()).length > 0;
}

function dispatchRows(db: Database) {
  return db
    .selectFrom("runs")
    .select(["id", "kind", "state", "app", "requested_by", "queued_at", "not_before", "node", "destinations", "wave"]);
}

type DispatchRow = Awaited<ReturnType<ReturnType<typeof dispatchRows>["execute"]>>[number];

function toDispatch(row: DispatchRow): DispatchRun {
  return {
    id: runId(row.id),
    kind: row.kind as RunKind,
    state: row.state as RunState,
    requestedBy: row.requested_by as RequestedBy,
    queuedAt: row.queued_at,
    destinations: JSON.parse(row.destinations) as string[],
    wave: row.wave,
    ...(row.app === null ? {} : { app: row.app }),
    ...(row.not_before === null ? {} : { notBefore: row.not_before }),
    ...(row.node === null ? {} : { node: row.node }),
  };
}

/** Asks a run to end. Gives its state before, or undefined when there is none such; what is over stays as it is. */
export async function requestCancel(db: Database, id: RunId, at: string): Promise<RunRecord | undefined> {
  return await writing(db, async (transaction) => {
    const row = await transaction.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    if (row.finished_at === null && row.cancel_requested_at === null) {
      await transaction.updateTable("runs").set({ cancel_requested_at: at }).where("id", "=", id).execute();
    }
    return fromRow(row);
  });
}

/** Runs of this owner that somebody wants to end. */
export async function cancelsFor(db: Database, owner: Owner): Promise<RunId[]> {
  const rows = await db
    .selectFrom("runs")
    .select("id")
    .where("state", "=", "running")
    .where("cancel_requested_at", "is not", null)
    .where("owner", "=", JSON.stringify(owner))
    .execute();
  return rows.map(({ id }) => runId(id));
}

/** Takes out of the queue, for this process to close, what somebody wants to end before it begins. */
export async function takeCancelled(db: Database, owner: Owner, at: Date): Promise<RunRecord[]> {
  // Most looks find nothing: they need not ask for the right to write.
  const waiting = db.selectFrom("runs").select("id").where("state", "=", "queued");
  if ((await waiting.where("cancel_requested_at", "is not", null).limit(1).execute()).length === 0) return [];
  const rows = await db
    .updateTable("runs")
    .set({ ...beginning(db, { owner, now: at.toISOString() }), started_at: null })
    .where("state", "=", "queued")
    .where("cancel_requested_at", "is not", null)
    .returningAll()
    .execute();
  return rows.map(fromRow);
}

/**
 * Runs out of the queue of which nobody has judged yet whether they are worth another attempt: failed ones, and those of the
 * schedule that nobody wanted to end: their daemon was stopped.
 */
export async function unjudgedFailures(db: Database): Promise<RunId[]> {
  const rows = await db
    .selectFrom("runs")
    .select("id")
    .where("state", "in", ["failed", "cancelled"])
    .where("kind", "=", "backup")
    .where("work", "is not", null)
    .where("followed_by", "is", null)
    .where("cancel_requested_at", "is", null)
    .execute();
  return rows.map(({ id }) => runId(id));
}

/** Gives this node the runs that wait for a node on which no daemon is any more, of apps that are this node's, too. */
export async function adoptQueued(
  db: Database,
  { node, living, apps, before }: { node: string; living: readonly string[]; apps: readonly string[]; before: Date },
): Promise<void> {
  const rows = await db
    .selectFrom("runs")
    .select(["id", "node", "app"])
    .where("state", "=", "queued")
    .where("node", "is not", null)
    .where("node", "!=", node)
    .where("queued_at", "<", before.toISOString())
    .execute();
  for (const row of rows) {
    if (living.includes(row.node ?? "") || !apps.includes(row.app ?? "")) continue;
    await db.updateTable("runs").set({ node }).where("id", "=", row.id).where("state", "=", "queued").execute();
  }
}

/** What became of a failed run: the run that tries again, or none. */
export async function judgeFailure(db: Database, id: RunId, followedBy: RunId | "none"): Promise<void> {
  await db.updateTable("runs").set({ followed_by: followedBy }).where("id", "=", id).execute();
}
