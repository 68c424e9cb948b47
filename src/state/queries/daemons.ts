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

/** Tells that a daemon works on this state; `beat` keeps it alive. */
export async function enterDaemon(db: Database, daemon: DaemonRecord): Promise<void> {
  await db
    .insertInto("daemons")
    .values({
      owner: JSON.stringify(daemon.owner),
      node: daemon.node,
      address: daemon.address,
      version: daemon.version,
      started_at: daemon.startedAt,
      heartbeat_at: toStateTime(db, daemon.startedAt),
    })
    .execute();
}

export async function leaveDaemon(db: Database, owner: Owner): Promise<void> {
  await db.deleteFrom("daemons").where("owner", "=", JSON.stringify(owner)).execute();
}

/** The daemons that live. */
export async function livingDaemons(db: Database): Promise<DaemonRecord[]> {
  const rows = await db.selectFrom("daemons").selectAll().orderBy("started_at").execute();
  return rows.filter((row) => !isDead(ownerOf(row), toOwnTime(db, row.heartbeat_at))).map(fromRow);
}

/** Forgets those that died without leaving. */
export async function forgetDeadDaemons(db: Database): Promise<void> {
  const rows = await db.selectFrom("daemons").selectAll().execute();
  for (const row of rows.filter((one) => isDead(ownerOf(one), toOwnTime(db, one.heartbeat_at)))) {
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
