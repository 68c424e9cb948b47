import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import { thisProcess, type Owner } from "../../src/base/process/owner.ts";
import { destinationName, runId } from "../../src/domain/names.ts";
import { openState, openStateCopy } from "../../src/state/open.ts";
import { toOwnTime, toStateTime } from "../../src/state/clock.ts";
import { appendEvents, eventsAfter } from "../../src/state/queries/events.ts";
import { claimQueued, insertQueued } from "../../src/state/queries/queue.ts";
import { beat, claimRun, finishRun, readRun, unfinishedRuns } from "../../src/state/queries/runs.ts";
import { keepSealed } from "../../src/state/queries/secrets.ts";
import { isDead, takeTurn, type TurnMode } from "../../src/state/runs/turns.ts";
import { writing } from "../../src/state/transaction.ts";
import type { Database } from "../../src/state/open.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";

const owner = thisProcess();
/** A process of this machine that is no more. */
const dead: Owner = { ...owner, startTime: "0" };
const elsewhere: Owner = { ...owner, node: "another-node" };
const now = "2026-11-20T02:00:00.000Z";
const backupOf = (app: string) =>
  ({ kind: "backup", app, destinations: [], requestedBy: "person", dryRun: false, owner, now }) as const;

describe.each(engineNames)("the state on %s", (engine) => {
  /** The same state as two processes see it. */
  async function two(): Promise<[Database, Database]> {
    const target = await newTarget(engine);
    return [await opened(target), await opened(target)];
  }

  it("is made once by several that are first at once", async () => {
    const target = await newTarget(engine);
    const states = await Promise.all(Array.from({ length: 5 }, async () => await openState(target)));
    await claimRun(states[0] ?? (await opened(target)), backupOf("app"));
    for (const state of states) {
      expect(await unfinishedRuns(state)).toHaveLength(1);
      await state.destroy();
    }
  });

  it("is refused when a newer Holdfast wrote it, also to read from", async () => {
    const target = await newTarget(engine);
    const db = await opened(target);
    await sql`INSERT INTO migrations (name) VALUES ('9999-later')`.execute(db);
    const password = target instanceof Secret ? new URL(target.reveal()).password : "no password";
    for (const open of [openState, openStateCopy]) {
      const told = await open(target).catch((error: unknown) => error);
      expect(told).toMatchObject({ code: "HF_STATE_NEWER", message: expect.stringContaining("9999-later") });
      expect(String(told)).not.toContain(password);
    }
  });

  it("gives a run to one of many who claim it at once", async () => {
    const [one, other] = await two();
    const claims = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => await claimRun(index % 2 === 0 ? one : other, backupOf("app"))),
    );
    expect(claims.filter(({ claimed }) => claimed)).toHaveLength(1);
    expect(new Set(claims.map(({ run }) => run.id)).size).toBe(1);
    const id = claims[0]?.run.id ?? runId("");
    await finishRun(other, id, "success", [], now);
    expect((await readRun(one, id))?.state).toBe("success");
    expect((await claimRun(one, backupOf("app"))).claimed).toBe(true);
  });

  it("queues one run for a slot, and gives each queued run to one process", async () => {
    const [one, other] = await two();
    const entry = (app: string) => ({
      work: { kind: "backup", initialise: false } as const,
      app,
      destinations: ["nas"],
      requestedBy: "schedule" as const,
      slot: `backup:${app}:${now}`,
      attempt: 1,
      wave: 0,
      queuedAt: now,
    });
    const queued = await Promise.all(
      [one, other, one, other].map(async (db) =>
        writing(db, async (transaction) => {
          const made = [];
          for (let index = 0; index < 20; index++) made.push(await insertQueued(transaction, entry(`app${index}`)));
          return made.filter((run) => run !== undefined).length;
        }),
      ),
    );
    expect(queued.toSorted((left, right) => left - right)).toEqual([0, 0, 0, 20]);
    const rules = {
      node: owner.node,
      now: new Date(now),
      limits: { runs: 100, perDevice: 100, perDestination: 100 },
      atOnce: new Map<string, number>(),
      declared: new Set<string>(),
      held: new Set<string>(),
    };
    const claimed = await Promise.all([one, other, one, other].map(async (db) => await claimQueued(db, owner, rules)));
    const apps = claimed.flat().map((run) => run.app);
    expect(apps).toHaveLength(20);
    expect(new Set(apps).size).toBe(20);
  });

  it("hands out event ids in the order of commits, so that who follows misses none", async () => {
    const target = await newTarget(engine);
    const writers = await Promise.all([opened(target), opened(target), opened(target)]);
    const reader = await opened(target);
    const run = runId(randomUUID());
    let going = true;
    const seen: number[] = [];
    const follow = async (): Promise<void> => {
      for (;;) {
        const last = !going;
        for (const { id } of await eventsAfter(reader, run, seen.at(-1) ?? 0)) seen.push(id);
        if (last) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const following = follow();
    await Promise.all(
      writers.map(async (db) => {
        for (let count = 0; count < 50; count++) {
          await appendEvents(db, run, [
            { event: { type: "started" }, at: now },
            { event: { type: "queued" }, at: now },
          ]);
        }
      }),
    );
    going = false;
    await following;
    expect(seen).toHaveLength(300);
    expect(seen).toEqual((await eventsAfter(reader, run, 0)).map(({ id }) => id));
  });

  it("has one writer at a time, who has seen all that was written before", async () => {
    const [one, other] = await two();
    await one.insertInto("notes").values({ key: "count", value: "0" }).execute();
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) =>
        writing(index % 2 === 0 ? one : other, async (transaction) => {
          const note = await transaction.selectFrom("notes").selectAll().executeTakeFirstOrThrow();
          await transaction
            .updateTable("notes")
            .set({ value: String(Number(note.value) + 1) })
            .execute();
        }),
      ),
    );
    expect((await one.selectFrom("notes").selectAll().executeTakeFirstOrThrow()).value).toBe("30");
  });

  it("keeps the secret that came first", async () => {
    const [one, other] = await two();
    const kept = await Promise.all(
      ["a", "b", "c", "d"].map(
        async (sealed, index) => await keepSealed(index % 2 === 0 ? one : other, "name", sealed, now),
      ),
    );
    expect(new Set(kept).size).toBe(1);
  });

  describe("its turns", () => {
    const nas = destinationName("nas");
    const take = async (db: Database, mode: TurnMode, what: string, waits: string[] = [], by = owner) =>
      await takeTurn(db, {
        destination: nas,
        mode,
        owner: by,
        what,
        signal: new AbortController().signal,
        onWait: (holder) => waits.push(`${what} waits for ${holder}`),
      });

    it("are shared by backups, and owned by upkeep, in the order of asking", async () => {
      const [one, other] = await two();
      const order: string[] = [];
      const waits: string[] = [];
      const first = await take(one, "shared", "a backup");
      const second = await take(other, "shared", "another backup");
      const upkeep = take(other, "exclusive", "a prune", waits).then(async (turn) => {
        order.push("prune");
        await turn[Symbol.asyncDispose]();
      });
      await expect.poll(() => waits).toEqual([expect.stringMatching(/^a prune waits for/)]);
      const late = take(one, "shared", "a late backup", waits).then(async (turn) => {
        order.push("late backup");
        await turn[Symbol.asyncDispose]();
      });
      await expect.poll(() => waits).toContain("a late backup waits for a prune");
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      await Promise.all([upkeep, late]);
      expect(order).toEqual(["prune", "late backup"]);
      expect(await one.selectFrom("turns").selectAll().execute()).toEqual([]);
    });

    it("are taken from the dead", async () => {
      const [one, other] = await two();
      await take(one, "exclusive", "a killed prune", [], dead);
      await (await take(other, "exclusive", "a prune"))[Symbol.asyncDispose]();
    });

    it("stay with another node as long as it is heard of", async () => {
      const [one, other] = await two();
      await take(one, "exclusive", "a prune elsewhere", [], elsewhere);
      const waits: string[] = [];
      const mine = take(other, "exclusive", "a prune", waits);
      await expect.poll(() => waits).toHaveLength(1);
      const silent = new Date(Date.now() - 120_000).toISOString();
      await one.updateTable("turns").set({ heartbeat_at: silent }).where("what", "=", "a prune elsewhere").execute();
      await (await mine)[Symbol.asyncDispose]();
    });
  });

  it("knows by its heartbeat that another node lives", async () => {
    const [one, other] = await two();
    const { run } = await claimRun(one, { ...backupOf("app"), owner: elsewhere, now: new Date().toISOString() });
    const alive = async (): Promise<boolean> => {
      const found = await readRun(other, run.id);
      return found !== undefined && !isDead(found.owner, found.heartbeatAt);
    };
    expect(await alive()).toBe(true);
    await one.updateTable("runs").set({ heartbeat_at: "2020-01-01T00:00:00.000Z" }).execute();
    expect(await alive()).toBe(false);
    await beat(one, elsewhere, new Date().toISOString());
    expect(await alive()).toBe(true);
    expect(toOwnTime(one, toStateTime(one, now))).toBe(now);
  });

  it("gives a copy of one moment, of which nothing comes back", async () => {
    const target = await newTarget(engine);
    const empty = await openStateCopy(target);
    expect(await unfinishedRuns(empty)).toEqual([]);
    await empty.destroy();
    const db = await opened(target);
    const { run } = await claimRun(db, backupOf("app"));
    await appendEvents(db, run.id, [{ event: { type: "started" }, at: now }]);
    const copy = await openStateCopy(target);
    expect((await claimRun(copy, backupOf("app"))).claimed).toBe(false);
    expect(await eventsAfter(copy, run.id, 0)).toHaveLength(1);
    await claimRun(copy, backupOf("other"));
    expect(await unfinishedRuns(copy)).toHaveLength(2);
    await copy.destroy();
    expect(await unfinishedRuns(db)).toHaveLength(1);
  });
});
