import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Database } from "../../src/state/open.ts";
import { lastDumpSizes, recordDump } from "../../src/state/queries/dumps.ts";
import { lastCheck, recordCheck } from "../../src/state/queries/destinations.ts";
import { destinationName, runId } from "../../src/domain/names.ts";
import { thinEvents, thinHistory } from "../../src/state/queries/history.ts";
import { lastBackups } from "../../src/state/queries/runs.ts";
import { protection } from "../../src/state/queries/snapshots.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";

const before = "2026-01-01T00:00:00.000Z";
/** A time in the year that is over, or in the one that is not. */
const day = (date: string): string => `${date}T02:00:00.000Z`;

async function addRun(db: Database, at: string, more: object = {}): Promise<string> {
  const id = randomUUID();
  await db
    .insertInto("runs")
    .values({
      id,
      kind: "backup",
      app: "app",
      state: "success",
      requested_by: "schedule",
      dry_run: 0,
      queued_at: at,
      finished_at: at,
      heartbeat_at: at,
      problems: "[]",
      attempt: 1,
      destinations: "[]",
      wave: 0,
      ...more,
    })
    .execute();
  await db.insertInto("events").values({ run_id: id, at, type: "queued", body: "{}" }).execute();
  return id;
}

async function addSnapshot(db: Database, run: string, at: string, more: object = {}): Promise<string> {
  const id = randomUUID();
  await db
    .insertInto("snapshots")
    .values({
      id,
      run_id: run,
      app: "app",
      destination: "nas",
      status: "success",
      verdict: "good",
      restic_id: randomUUID(),
      host: "h",
      paths: "[]",
      tags: "[]",
      parts: "[]",
      pinned: 0,
      started_at: at,
      completed_at: at,
      ...more,
    })
    .execute();
  return id;
}

const ids = async (db: Database, table: "runs" | "snapshots"): Promise<string[]> =>
  (await db.selectFrom(table).select("id").execute()).map(({ id }) => id).sort();

describe.each(engineNames)("history on %s", (engine) => {
  it("goes when it is old, but for what is stored and the newest of everything", async () => {
    const db = await opened(await newTarget(engine));
    const stored = await addRun(db, day("2025-01-01"));
    const storedRecord = await addSnapshot(db, stored, day("2025-01-01"));
    const forgotten = await addRun(db, day("2025-02-01"));
    await addSnapshot(db, forgotten, day("2025-02-01"), { forgotten_at: day("2025-03-01") });
    const lately = await addRun(db, day("2025-02-02"));
    const latelyForgotten = await addSnapshot(db, lately, day("2025-02-02"), { forgotten_at: day("2026-02-01") });
    const unchangedRun = await addRun(db, day("2025-03-15"));
    const unchanged = await addSnapshot(db, unchangedRun, day("2025-03-15"), { status: "unchanged", verdict: null });
    const failing = await addRun(db, day("2025-04-01"), { state: "failed" });
    await addSnapshot(db, failing, day("2025-04-01"), { status: "failed", verdict: null, restic_id: null });
    const failedLast = await addRun(db, day("2025-05-01"), { state: "failed" });
    const failedRecord = await addSnapshot(db, failedLast, day("2025-05-01"), { status: "failed", verdict: null });
    await addRun(db, day("2025-06-01"), { kind: "check", app: null, destination: "nas" });
    const lastCheckRun = await addRun(db, day("2025-06-02"), { kind: "check", app: null, destination: "nas" });
    const otherCheckRun = await addRun(db, day("2025-06-01"), { kind: "check", app: null, destination: "b2" });
    const lastOfOther = await addRun(db, day("2025-07-01"), { app: "other" });
    const going = await addRun(db, day("2025-08-01"), { state: "running", finished_at: null });
    const standing = [await protection(db), await lastBackups(db)];

    await thinHistory(db, { before });

    expect(await ids(db, "snapshots")).toEqual([storedRecord, latelyForgotten, unchanged, failedRecord].sort());
    expect(await ids(db, "runs")).toEqual(
      [stored, lately, unchangedRun, failedLast, lastCheckRun, otherCheckRun, lastOfOther, going].sort(),
    );
    const events = await db.selectFrom("events").select("run_id").distinct().execute();
    expect(events.map((event) => event.run_id).sort()).toEqual(await ids(db, "runs"));
    expect([await protection(db), await lastBackups(db)]).toEqual(standing);
  });

  it("keeps of dumps and checks what the next ones need", async () => {
    const db = await opened(await newTarget(engine));
    const nas = destinationName("nas");
    for (const [at, bytes] of [
      ["2025-01-01", 1],
      ["2025-02-01", 2 ** 40],
    ] as const) {
      const run = runId(randomUUID());
      await recordDump(db, {
        runId: run,
        app: "app",
        database: "d",
        type: "mariadb",
        bytes,
        durationMs: 1.5,
        finishedAt: day(at),
      });
      await recordCheck(db, {
        destination: nas,
        at: day(at),
        scope: { part: bytes === 1 ? 1 : 2, of: 30 },
        outcome: "success",
        problems: [],
        durationMs: 1.5,
      });
    }
    await recordCheck(db, {
      destination: nas,
      at: day("2025-03-01"),
      scope: "structure",
      outcome: "success",
      problems: [],
      durationMs: 1.5,
    });
    await thinHistory(db, { before });
    expect(await db.selectFrom("dumps").selectAll().execute()).toHaveLength(1);
    expect((await lastDumpSizes(db, "app")).get("d")).toBe(2 ** 40);
    expect(await db.selectFrom("checks").selectAll().execute()).toHaveLength(2);
    expect((await lastCheck(db, nas))?.scope).toBe("structure");
    expect((await lastCheck(db, nas, true))?.scope).toEqual({ part: 2, of: 30 });
  });

  it("goes wholly where it only told: audit, cleared alerts, sent notifications, expired sessions", async () => {
    const db = await opened(await newTarget(engine));
    const [old, young] = [day("2025-01-01"), day("2026-02-01")];
    for (const at of [old, young]) {
      const id = randomUUID();
      await db
        .insertInto("audit")
        .values({ at, actor: "setup", address: "", action: "", subject: "", status: 200 })
        .execute();
      await db
        .insertInto("sessions")
        .values({ hash: id, user_id: id, created_at: old, last_seen_at: old, expires_at: at })
        .execute();
      await db
        .insertInto("alerts")
        .values({ id, kind: "stale", subject: id, raised_at: old, cleared_at: at, problem: "{}" })
        .execute();
      await db
        .insertInto("outbox")
        .values({ id, notifier: "n", body: "{}", created_at: at, attempts: 1, next_attempt_at: at, sent_at: at })
        .execute();
    }
    await db
      .insertInto("alerts")
      .values({ id: "open", kind: "stale", subject: "s", raised_at: old, problem: "{}" })
      .execute();
    await db
      .insertInto("outbox")
      .values({ id: "waits", notifier: "n", body: "{}", created_at: old, attempts: 1, next_attempt_at: old })
      .execute();
    await thinHistory(db, { before });
    const count = async (table: "audit" | "sessions" | "alerts" | "outbox"): Promise<number> =>
      (await db.selectFrom(table).selectAll().execute()).length;
    expect([await count("audit"), await count("sessions"), await count("alerts"), await count("outbox")]).toEqual([
      1, 1, 2, 2,
    ]);
  });

  it("loses the events of runs that are long over, and of no other", async () => {
    const db = await opened(await newTarget(engine));
    const going = await addRun(db, day("2025-01-01"), { state: "running", finished_at: null });
    await addRun(db, day("2025-01-02"));
    const later = await addRun(db, day("2026-02-01"));
    await thinEvents(db, { before });
    const events = await db.selectFrom("events").select("run_id").orderBy("id").execute();
    expect(events.map((event) => event.run_id)).toEqual([going, later]);
    expect(await ids(db, "runs")).toHaveLength(3);
  });

  it("goes in parts that are as many as there need to be", async () => {
    const db = await opened(await newTarget(engine));
    const rows = Array.from({ length: 2500 }, (_, index) => ({
      at: index < 2400 ? day("2025-01-01") : day("2026-02-01"),
      actor: "setup",
      address: "",
      action: "",
      subject: "",
      status: 200,
    }));
    for (let start = 0; start < rows.length; start += 500) {
      await db
        .insertInto("audit")
        .values(rows.slice(start, start + 500))
        .execute();
    }
    await thinHistory(db, { before });
    expect(await db.selectFrom("audit").select("id").execute()).toHaveLength(100);
  });
});
