import { afterEach, describe, expect, it, vi } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import { thisProcess } from "../../src/base/process/owner.ts";
import { runId } from "../../src/domain/names.ts";
import type { Database } from "../../src/state/open.ts";
import { appendEvents, eventsAfter } from "../../src/state/queries/events.ts";
import { recordDump } from "../../src/state/queries/dumps.ts";
import { beat, claimRun, readRun, unfinishedRuns } from "../../src/state/queries/runs.ts";
import { isDead } from "../../src/state/runs/turns.ts";
import { writing } from "../../src/state/transaction.ts";
import { describeNeeding } from "../support/needs.ts";
import { relayTo, type Relay } from "../support/relay.ts";
import { servers } from "../support/servers.ts";
import { addressOf, newDatabase, opened } from "../support/state-engines.ts";

const now = "2026-11-20T02:00:00.000Z";
const run = runId("run");
const backup = {
  kind: "backup",
  app: "app",
  destinations: [],
  requestedBy: "person",
  dryRun: false,
  owner: thisProcess(),
  now,
} as const;
const dump = { runId: run, app: "app", database: "d", type: "sqlite", bytes: 1, durationMs: 1, finishedAt: now };

async function behindRelay(): Promise<{ db: Database; relay: Relay }> {
  const { host, port } = servers().postgres;
  const database = new URL(await newDatabase()).pathname.slice(1);
  const relay = await relayTo(host, port);
  return { db: await opened(new Secret(addressOf(database, relay.port))), relay };
}

describeNeeding("postgres")("a connection to the state that is lost", () => {
  describe.each(["cutBefore", "cutAfter"] as const)("%s the commit", (cut) => {
    it("neither loses nor doubles a run that is begun", async () => {
      const { db, relay } = await behindRelay();
      relay[cut]("commit");
      expect((await claimRun(db, backup)).claimed).toBe(true);
      expect(await unfinishedRuns(db)).toHaveLength(1);
    });

    it("neither loses nor doubles events", async () => {
      const { db, relay } = await behindRelay();
      for (let count = 0; count < 3; count++) {
        relay[cut]("commit");
        await appendEvents(db, run, [{ event: { type: "started" }, at: now }]);
      }
      expect(await eventsAfter(db, run, 0)).toHaveLength(3);
    });

    it("neither loses nor doubles a single statement", async () => {
      const { db, relay } = await behindRelay();
      relay[cut]("commit");
      await recordDump(db, dump);
      expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(1);
    });
  });

  it("is not noticed by who uses none at that moment", async () => {
    const { db, relay } = await behindRelay();
    relay.cut("open");
    await recordDump(db, dump);
    relay.cut("open");
    expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(1);
  });

  it("is waited for, while the database restarts", async () => {
    const { db, relay } = await behindRelay();
    relay.cut("closed");
    const mended = setTimeout(() => relay.mend(), 500);
    await recordDump(db, dump);
    clearTimeout(mended);
    expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(1);
  });

  it("in the middle of a change has the change made again, from its beginning", async () => {
    const { db, relay } = await behindRelay();
    let attempts = 0;
    await writing(db, async (transaction) => {
      attempts++;
      await recordDump(transaction, dump);
      if (attempts === 1) relay.cut("open");
      await recordDump(transaction, { ...dump, database: "other" });
    });
    expect(attempts).toBe(2);
    expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(2);
  });

  it("in the middle of reading has it read again", async () => {
    const { db, relay } = await behindRelay();
    await recordDump(db, dump);
    relay.cutAfter("dumps");
    expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(1);
  });

  it("leaves the next change its turn after one that failed", async () => {
    const { db } = await behindRelay();
    const failing = writing(db, async (transaction) => {
      await recordDump(transaction, dump);
      throw new Error("changed its mind");
    });
    await expect(failing).rejects.toThrow("changed its mind");
    await recordDump(db, dump);
    expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(1);
  });
});

describeNeeding("postgres")("two nodes whose clocks differ", () => {
  afterEach(() => vi.useRealTimers());

  it("do not take each other for dead", async () => {
    const address = new Secret(await newDatabase());
    const elsewhere = { ...thisProcess(), node: "another-node" };
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 600_000 });
    const slow = await opened(address);
    const time = (): string => new Date().toISOString();
    const { run: began } = await claimRun(slow, { ...backup, owner: elsewhere, now: time() });
    vi.useRealTimers();
    const right = await opened(address);
    const alive = async (): Promise<boolean> => {
      const found = await readRun(right, began.id);
      return found !== undefined && !isDead(found.owner, found.heartbeatAt);
    };
    expect(await alive()).toBe(true);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 600_000 });
    await beat(slow, elsewhere, time());
    vi.useRealTimers();
    expect(await alive()).toBe(true);
  });
});
