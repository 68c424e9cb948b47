import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { livenessOf, type Owner } from "../../base/process/owner.ts";
import type { DestinationName } from "../../domain/names.ts";
import { toOwnTime, toStateTime } from "../clock.ts";
import type { Database } from "../open.ts";
import { writing } from "../transaction.ts";

/** Backups and restores share a repository; forget, prune and check own it. */
export type TurnMode = "shared" | "exclusive";

export interface TurnRequest {
  destination: DestinationName;
  mode: TurnMode;
  owner: Owner;
  /** For those who wait: what holds the turn. */
  what: string;
  signal: AbortSignal;
  onWait?: (holder: string) => void;
}

const pollMs = 200;
/** An owner on another node that was not heard of for so long is taken for dead. */
const silentMs = 60_000;

/** The turns that this process waits for or has: rows of its own besides these are such as it failed to give back. */
const held = new Set<string>();

/** Waits for a turn at a repository, across processes; fair, in the order of asking. The result gives it back. */
export async function takeTurn(db: Database, request: TurnRequest): Promise<AsyncDisposable> {
  const id = randomUUID();
  const now = toStateTime(db, new Date().toISOString());
  const giveBack = async (): Promise<void> => {
    held.delete(id);
    await db.deleteFrom("turns").where("id", "=", id).execute();
  };
  held.add(id);
  try {
    await db
      .insertInto("turns")
      .values({
        id,
        destination: request.destination,
        mode: request.mode,
        owner: JSON.stringify(request.owner),
        what: request.what,
        granted: 0,
        asked_at: now,
        heartbeat_at: now,
      })
      .execute();
    let told: string | undefined;
    for (;;) {
      const holder = await tryGrant(db, id, request);
      if (holder === undefined) return { [Symbol.asyncDispose]: giveBack };
      if (holder !== told) request.onWait?.(holder);
      told = holder;
      await sleep(pollMs, undefined, { signal: request.signal });
    }
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** Gives back what this process no longer holds: the state may have failed when it tried to. */
export async function dropUnheldTurns(db: Database, owner: Owner): Promise<void> {
  const rows = await db.selectFrom("turns").select("id").where("owner", "=", JSON.stringify(owner)).execute();
  for (const { id } of rows.filter((row) => !held.has(row.id))) {
    await db.deleteFrom("turns").where("id", "=", id).execute();
  }
}

/** Grants the turn, or names what is in the way. */
async function tryGrant(db: Database, id: string, request: TurnRequest): Promise<string | undefined> {
  return await writing(db, async (transaction) => {
    const rows = await transaction
      .selectFrom("turns")
      .selectAll()
      .where("destination", "=", request.destination)
      .orderBy("asked_at")
      .orderBy("id")
      .execute();
    const dead = rows.filter(
      (row) => row.id !== id && isDead(JSON.parse(row.owner) as Owner, toOwnTime(db, row.heartbeat_at)),
    );
    if (dead.length > 0) {
      await transaction
        .deleteFrom("turns")
        .where(
          "id",
          "in",
          dead.map((row) => row.id),
        )
        .execute();
    }
    const alive = rows.filter((row) => !dead.includes(row));
    const before = alive.slice(
      0,
      alive.findIndex((row) => row.id === id),
    );
    const granted = alive.filter((row) => row.granted === 1 && row.id !== id);
    const inTheWay =
      request.mode === "exclusive"
        ? [...granted, ...before][0]
        : [
            ...granted.filter((row) => row.mode === "exclusive"),
            ...before.filter((row) => row.mode === "exclusive"),
          ][0];
    if (inTheWay !== undefined) return inTheWay.what;
    await transaction.updateTable("turns").set({ granted: 1 }).where("id", "=", id).execute();
    return undefined;
  });
}

/** By the monotonic clock. */
let lastFailedBeat = Number.NEGATIVE_INFINITY;

/** This process could not tell that it lives. Whoever else could not either is silent for that, and not because it died. */
export function beatFailed(): void {
  lastFailedBeat = performance.now();
}

/** Whether an owner is known to be dead; on another node silence has to do, its heartbeat as our clock has it. What nobody has begun has no owner to die. */
export function isDead(owner: Owner | undefined, heartbeatAt: string): boolean {
  if (owner === undefined) return false;
  const liveness = livenessOf(owner);
  if (liveness !== "unknown") return liveness === "dead";
  if (performance.now() - lastFailedBeat < silentMs) return false;
  return Date.now() - Date.parse(heartbeatAt) > silentMs;
}
