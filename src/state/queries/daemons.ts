import type { Selectable } from "kysely";
import type { Owner } from "../../base/process/owner.ts";
import { toOwnTime, toStateTime } from "../clock.ts";
import type { Database } from "../open.ts";
import { isDead } from "../runs/turns.ts";
import type { DaemonsTable } from "../schema.ts";

export interface DaemonRecord {
  owner: Owner;
  node: string;
  address: string;
  version: string;
  startedAt: string;
}

/** The daemon that this process is, per opened state. */
const entered = new WeakMap<Database, DaemonRecord>();

/** Tells that this process is a daemon on this state; `beat` keeps it alive. */
export async function enterDaemon(db: Database, daemon: DaemonRecord): Promise<void> {
  await insertDaemon(db, daemon, toStateTime(db, daemon.startedAt));
  entered.set(db, daemon);
}

/** Tells that the daemon that this process is, if it is one, lives: also to those who had taken it for dead. */
export async function keepDaemon(db: Database, owner: Owner, heartbeatAt: string): Promise<void> {
  const token = JSON.stringify(owner);
  const kept = await db
    .updateTable("daemons")
    .set({ heartbeat_at: heartbeatAt })
    .where("owner", "=", token)
    .executeTakeFirst();
  const daemon = entered.get(db);
  if (daemon === undefined || JSON.stringify(daemon.owner) !== token || kept.numUpdatedRows > 0n) return;
  await insertDaemon(db, daemon, heartbeatAt);
}

async function insertDaemon(db: Database, daemon: DaemonRecord, heartbeatAt: string): Promise<void> {
  const { owner, node, address, version, startedAt } = daemon;
  await db
    .insertInto("daemons")
    .values({
      ...{ owner: JSON.stringify(owner), node, address, version },
      ...{ started_at: startedAt, heartbeat_at: heartbeatAt },
    })
    .execute();
}

/** Tells that a daemon has ended its work, and means to. */
export async function leaveDaemon(db: Database, owner: Owner): Promise<void> {
  entered.delete(db);
  await db.deleteFrom("daemons").where("owner", "=", JSON.stringify(owner)).execute();
}

/** The daemons that live. */
export async function livingDaemons(db: Database): Promise<DaemonRecord[]> {
  const rows = await db.selectFrom("daemons").selectAll().orderBy("started_at").execute();
  return rows.filter((row) => !isDead(ownerOf(row), toOwnTime(db, row.heartbeat_at))).map(fromRow);
}

/** The nodes with a daemon that has not left: it lives, or died and may come back. */
export async function rememberedNodes(db: Database): Promise<Set<string>> {
  const rows = await db.selectFrom("daemons").select("node").distinct().execute();
  return new Set(rows.map(({ node }) => node));
}

/** A node that was silent for so long does not come back. */
const goneMs = 30 * 24 * 3_600_000;

/** Forgets those that died without leaving and that another one on their node has followed, or nobody for a month. */
export async function forgetDeadDaemons(db: Database, now: Date): Promise<void> {
  const rows = await db.selectFrom("daemons").selectAll().execute();
  const isOver = (row: Selectable<DaemonsTable>): boolean => isDead(ownerOf(row), toOwnTime(db, row.heartbeat_at));
  const living = new Set(rows.filter((row) => !isOver(row)).map(({ node }) => node));
  const silent = (row: Selectable<DaemonsTable>): boolean =>
    now.getTime() - Date.parse(toOwnTime(db, row.heartbeat_at)) > goneMs;
  for (const row of rows.filter((one) => isOver(one) && (living.has(one.node) || silent(one)))) {
    await db.deleteFrom("daemons").where("owner", "=", row.owner).execute();
  }
}

function ownerOf(row: Selectable<DaemonsTable>): Owner {
  return JSON.parse(row.owner) as Owner;
}

function fromRow(row: Selectable<DaemonsTable>): DaemonRecord {
  const { node, address, version, started_at: startedAt } = row;
  return { owner: ownerOf(row), node, address, version, startedAt };
}
