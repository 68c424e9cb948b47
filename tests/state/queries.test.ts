import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { problem } from "../../src/base/errors/error.ts";
import { thisProcess } from "../../src/base/process/owner.ts";
import { Secret } from "../../src/base/secrets/secret.ts";
import { appName, destinationName, runId, snapshotId } from "../../src/domain/names.ts";
import type { Database } from "../../src/state/open.ts";
import { newestGood, openAlerts, raiseAlerts } from "../../src/state/queries/alerts.ts";
import { addAudit, listAudit } from "../../src/state/queries/audit.ts";
import { enterDaemon, forgetDeadDaemons, leaveDaemon, livingDaemons } from "../../src/state/queries/daemons.ts";
import { changeDeclaration, declarationRow, insertDeclaration } from "../../src/state/queries/declarations.ts";
import { destinationCounts } from "../../src/state/queries/destination-counts.ts";
import {
  knownDestination,
  knownDestinations,
  lastCheck,
  noteDestination,
  recordCheck,
  rememberDestination,
} from "../../src/state/queries/destinations.ts";
import { lastDumpSizes, recordDump } from "../../src/state/queries/dumps.ts";
import { appendEvents, currentProgress, eventsSince, lastEventId, lastEvents } from "../../src/state/queries/events.ts";
import { dropNote, dropNotes, readNote, writeNote } from "../../src/state/queries/notes.ts";
import { addToOutbox, claimNext, markSent } from "../../src/state/queries/outbox.ts";
import { runPage } from "../../src/state/queries/run-pages.ts";
import { beat, claimRun, finishRun, lastBackups, recentBackups } from "../../src/state/queries/runs.ts";
import { backupsBegunSince, moveOn, readSchedules } from "../../src/state/queries/schedules.ts";
import { addSession, findSession } from "../../src/state/queries/sessions.ts";
import { namesInSnapshots, snapshotPage, storedRecords } from "../../src/state/queries/snapshot-pages.ts";
import {
  createSnapshotRecord,
  findSnapshotRecords,
  finishSnapshotRecord,
  forgetAllRecords,
  listSnapshotRecords,
  markForgotten,
  protection,
} from "../../src/state/queries/snapshots.ts";
import {
  newestChecks,
  newestDumps,
  standings,
  unfinishedCounts,
  unsentCounts,
} from "../../src/state/queries/standing.ts";
import { addToken, findToken, listTokens } from "../../src/state/queries/tokens.ts";
import { addUser, findUser, holdAdmins, listUsers } from "../../src/state/queries/users.ts";
import { writing } from "../../src/state/transaction.ts";
import { describeNeeding } from "../support/needs.ts";
import { engineNames, newDatabase, newTarget, opened } from "../support/state-engines.ts";

const owner = thisProcess();
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 20, 2, minute)).toISOString();
const nas = destinationName("nas");
const hex = (index: number): string => index.toString(16).padStart(64, "0");

/** A stored snapshot of its own run. */
async function store(db: Database, app: string, minute: number, id: string): Promise<void> {
  const record = { runId: runId(randomUUID()), app: appName(app), destination: nas, host: "h", startedAt: at(minute) };
  const made = await createSnapshotRecord(db, record);
  await finishSnapshotRecord(db, made, {
    status: "success",
    verdict: "good",
    resticId: snapshotId(id),
    time: at(minute),
    paths: ["/srv/ü"],
    completedAt: at(minute + 1),
    durationMs: 59_999.6,
  });
}

describe.each(engineNames)("what is remembered on %s", (engine) => {
  const fresh = async (): Promise<Database> => await opened(await newTarget(engine));

  it("snapshots: 1,000 of them, found, listed by page, forgotten and counted", async () => {
    const db = await fresh();
    await writing(db, async (transaction) => {
      for (let index = 0; index < 1000; index++) await store(transaction, `app${index % 10}`, index, hex(index));
    });
    expect(await protection(db)).toHaveLength(10);
    expect((await protection(db)).find(({ app }) => app === "app9")).toEqual({
      app: "app9",
      destination: "nas",
      snapshots: 100,
      lastGoodAt: at(1000),
      lastStoredAt: at(1000),
    });
    const listed = await listSnapshotRecords(db, { app: appName("app3"), stored: true, limit: 2 });
    expect(listed.map((one) => one.resticId)).toEqual([hex(993), hex(983)]);
    expect(listed[0]).toMatchObject({ durationMs: 60_000, paths: ["/srv/ü"], verdict: "good", pinned: false });
    expect((await findSnapshotRecords(db, hex(0xab).toUpperCase())).map((one) => one.resticId)).toEqual([hex(0xab)]);
    const own = listed[0]?.id ?? "";
    expect((await findSnapshotRecords(db, own.slice(0, 13))).map((one) => one.id)).toEqual([own]);
    expect(await findSnapshotRecords(db, "%")).toEqual([]);

    const seen: string[] = [];
    for (let after: { time: string; id: string } | undefined; ;) {
      const filter = { app: "app3", forgotten: false, unchanged: false, limit: 33 };
      const page = await snapshotPage(db, { ...filter, ...(after === undefined ? {} : { after }) });
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = { time: last.startedAt, id: last.id };
    }
    expect(new Set(seen).size).toBe(100);

    await markForgotten(
      db,
      nas,
      Array.from({ length: 990 }, (_, index) => snapshotId(hex(index))),
      at(2000),
    );
    expect((await protection(db)).map(({ snapshots }) => snapshots)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(await destinationCounts(db, "nas")).toEqual({ snapshots: 10, lastBackupAt: at(1000) });
    expect((await standings(db)).find(({ app }) => app === "app9")).toMatchObject({
      snapshots: 1,
      lastGoodAt: at(1000),
    });
    expect(await newestGood(db, new Date(at(1000)))).toContainEqual({
      app: "app9",
      device: "h",
      destination: "nas",
      at: at(1000),
    });
    expect(await storedRecords(db, [{ destination: nas, resticId: snapshotId(hex(999)) }])).toHaveLength(1);
    expect((await namesInSnapshots(db, "app")).sort()).toEqual(Array.from({ length: 10 }, (_, index) => `app${index}`));
    await forgetAllRecords(db, nas, at(3000));
    expect(await listSnapshotRecords(db, { stored: true })).toEqual([]);
  });

  it("runs: pages, the last of each app, and how many there are", async () => {
    const db = await fresh();
    const claim = async (app: string, minute: number, dryRun = false) =>
      (
        await claimRun(db, {
          kind: "backup",
          app,
          destinations: [],
          requestedBy: "schedule",
          dryRun,
          owner,
          now: at(minute),
        })
      ).run;
    for (const [index, outcome] of (["failed", "success", "warning"] as const).entries()) {
      const run = await claim("app", index);
      await finishRun(db, run.id, outcome, [problem("HF_CANCELLED", {})], at(index + 1));
    }
    const rehearsal = await claim("app", 10, true);
    await finishRun(db, rehearsal.id, "success", [], at(11));
    const going = await claim("other", 12);
    expect((await lastBackups(db)).map((run) => [run.app, run.state, run.problems.length])).toEqual([
      ["app", "warning", 1],
    ]);
    expect((await recentBackups(db, "app", 2)).map((run) => run.state)).toEqual(["warning", "success"]);
    expect((await runPage(db, { app: "app", limit: 2 })).map((run) => run.queuedAt)).toEqual([at(10), at(2)]);
    const after = { time: at(2), id: "~" };
    expect((await runPage(db, { app: "app", after, limit: 9 })).map((run) => run.queuedAt)).toEqual([
      at(2),
      at(1),
      at(0),
    ]);
    expect(await unfinishedCounts(db)).toEqual([{ kind: "backup", state: "running", count: 1 }]);
    expect(await backupsBegunSince(db, ["app", "other"], new Date(at(0)))).toEqual([
      { app: "app", device: owner.node, destinations: [], begunAt: new Date(at(2)) },
    ]);
    await appendEvents(db, going.id, [
      { event: { type: "started" }, at: at(12) },
      {
        event: { type: "step-progress", step: { phase: "store", subject: "nas" }, progress: { bytesDone: 7 } },
        at: at(13),
      },
    ]);
    expect(await currentProgress(db, going.id)).toMatchObject({ progress: { bytesDone: 7 } });
    const [newest] = await eventsSince(db, { after: (await lastEventId(db)) - 1, limit: 5 });
    expect(newest).toMatchObject({ runId: going.id, app: "other", kind: "backup" });
    expect(await lastEvents(db, going.id, 1)).toHaveLength(1);
  });

  it("destinations, checks and dumps, with sizes beyond 32 bits", async () => {
    const db = await fresh();
    const found = { repositoryId: "r", location: "/repository", at: at(0) };
    await rememberDestination(db, nas, found);
    await rememberDestination(db, nas, { ...found, at: at(1) });
    await noteDestination(db, nas, { size_bytes: 2 ** 41 });
    expect(await knownDestination(db, nas)).toMatchObject({ size_bytes: 2 ** 41, first_used_at: at(0) });
    const check = { destination: nas, outcome: "success" as const, problems: [], durationMs: 2 ** 33 + 0.4 };
    await recordCheck(db, { ...check, at: at(1), scope: { part: 1, of: 30 } });
    await recordCheck(db, { ...check, at: at(2), scope: "structure" });
    expect((await lastCheck(db, nas))?.scope).toBe("structure");
    expect(await lastCheck(db, nas, true)).toMatchObject({ scope: { part: 1, of: 30 }, durationMs: 2 ** 33 });
    expect(await newestChecks(db)).toEqual([{ destination: "nas", at: at(2), outcome: "success" }]);
    for (const [minute, bytes] of [
      [0, 1],
      [1, 2 ** 42],
    ] as const) {
      const dump = { runId: runId("r"), app: "app", database: "d", type: "sqlite", durationMs: 0.5 };
      await recordDump(db, { ...dump, bytes, finishedAt: at(minute) });
    }
    expect((await lastDumpSizes(db, "app")).get("d")).toBe(2 ** 42);
    expect(await newestDumps(db)).toEqual([{ app: "app", database: "d", bytes: 2 ** 42, finishedAt: at(1) }]);
  });

  it("what the API declared, notes, schedules and alerts", async () => {
    const db = await fresh();
    const row = {
      kind: "policy",
      name: "weekly",
      body: "{}",
      created_at: at(0),
      updated_at: at(0),
      created_by: "setup",
    };
    await insertDeclaration(db, row);
    await expect(insertDeclaration(db, row)).rejects.toThrow(/unique/i);
    await changeDeclaration(db, { ...row, body: "[]", updated_at: at(1) });
    expect(await declarationRow(db, "policy", "weekly")).toEqual({ ...row, body: "[]", updated_at: at(1) });
    await writeNote(db, "a:1", "x");
    await writeNote(db, "a:1", "y");
    expect(await readNote(db, "a:1")).toBe("y");
    await dropNotes(db, "a:");
    expect(await dropNote(db, "a:1")).toBe(false);
    const served = (minute: number) => [{ key: "backup:app", dueAt: new Date(at(minute)) }];
    await moveOn(db, served(0), new Date(at(0)));
    await moveOn(db, served(5), new Date(at(5)));
    expect((await readSchedules(db)).get("backup:app")).toEqual({
      firstSeenAt: new Date(at(0)),
      lastDueAt: new Date(at(5)),
    });
    const alert = { kind: "stale" as const, subject: "app nas", problem: problem("HF_CANCELLED", {}) };
    await raiseAlerts(db, [alert], new Date(at(0)));
    expect(await openAlerts(db)).toMatchObject([alert]);
  });

  it("people, tokens, sessions and what they did", async () => {
    const db = await fresh();
    const user = { id: "u", name: "ann", scope: "admin", createdAt: at(0) } as const;
    expect([await addUser(db, user), await addUser(db, { ...user, id: "v" })]).toEqual([true, false]);
    expect(await holdAdmins(db)).toEqual(await listUsers(db));
    expect(await findUser(db, { name: "ANN" })).toBeUndefined();
    await addSession(db, { hash: "h", userId: "u", at: at(0), expiresAt: at(9) });
    expect(await findSession(db, "h")).toMatchObject({ user, lastSeenAt: at(0) });
    await addToken(db, { id: "t", name: "ci", scope: "read", createdBy: "ann", createdAt: at(0) }, "hash");
    expect(await findToken(db, { hash: "hash" })).toEqual((await listTokens(db))[0]);
    for (const minute of [0, 1]) {
      await addAudit(db, { at: at(minute), actor: "user:ann", address: "::1", action: "a", subject: "s", status: 200 });
    }
    const [newest, older] = await listAudit(db, { limit: 9 });
    expect(newest?.at).toBe(at(1));
    expect(await listAudit(db, { before: newest?.id, limit: 9 })).toEqual([older]);
  });

  it("what is to be sent, once each; and the daemons that live", async () => {
    const db = await fresh();
    const notification = { id: "n", kind: "test", at: at(0), device: "d", title: "t", what: "w" } as const;
    await addToOutbox(db, [{ notifier: "ntfy", notification }], new Date(at(0)));
    const options = { now: at(1), until: at(2), holdsUpUntilAttempts: 3 };
    const claims = await Promise.all([1, 2, 3].map(async () => await claimNext(db, "ntfy", options)));
    const claimed = claims.filter((entry) => entry !== undefined);
    expect(claimed).toMatchObject([{ notification, attempts: 1 }]);
    expect(await unsentCounts(db)).toEqual([{ notifier: "ntfy", pending: 1, dropped: 0 }]);
    await markSent(db, claimed[0]?.id ?? "", at(1));
    expect(await unsentCounts(db)).toEqual([]);
    const daemon = {
      owner,
      node: owner.node,
      address: "127.0.0.1:8420",
      version: "1",
      startedAt: new Date().toISOString(),
    };
    await enterDaemon(db, daemon);
    await enterDaemon(db, { ...daemon, owner: { ...owner, startTime: "0" } });
    expect(await livingDaemons(db)).toEqual([daemon]);
    await forgetDeadDaemons(db, new Date());
    expect(await db.selectFrom("daemons").selectAll().execute()).toHaveLength(1);
    await leaveDaemon(db, owner);
    expect(await db.selectFrom("daemons").selectAll().execute()).toEqual([]);
  });
});

it.each(engineNames)("a daemon that others had taken for dead comes back with its next beat, on %s", async (engine) => {
  const db = await opened(await newTarget(engine));
  const daemon = { owner, node: owner.node, address: "a", version: "1", startedAt: new Date().toISOString() };
  await enterDaemon(db, daemon);
  await db.deleteFrom("daemons").execute();
  await beat(db, owner, new Date().toISOString());
  await beat(db, owner, new Date().toISOString());
  expect(await livingDaemons(db)).toEqual([daemon]);
  await leaveDaemon(db, owner);
  await beat(db, owner, new Date().toISOString());
  expect(await livingDaemons(db)).toEqual([]);
});

describeNeeding("postgres")("a PostgreSQL that was set up for a language", () => {
  it("orders names and times by their bytes all the same", async () => {
    const english = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'";
    const db = await opened(new Secret(await newDatabase(english)));
    for (const name of ["b", "A", "a", "B"]) {
      await rememberDestination(db, destinationName(name), { repositoryId: name, location: "/", at: at(0) });
    }
    expect((await knownDestinations(db)).map(({ name }) => name)).toEqual(["A", "B", "a", "b"]);
  });
});
