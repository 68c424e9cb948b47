import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { runId, type RunId } from "../../src/domain/names.ts";
import type { RunEvent } from "../../src/domain/events.ts";
import { openState, type Database } from "../../src/state/open.ts";
import { appendEvents } from "../../src/state/queries/events.ts";
import { finishRun, claimRun } from "../../src/state/queries/runs.ts";
import { holdfast } from "../support/holdfast.ts";
import { backupPath, runQueue, startShop, type Shop } from "./support/backups.ts";
import { readEvents, type EventReader, type Told } from "./support/event-reader.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await startShop();
});

async function open(query = "", headers: Record<string, string> = {}): Promise<EventReader> {
  return await readEvents(`${shop.url}${backupPath}/events${query}`, {
    authorization: `Bearer ${await shop.token("read")}`,
    ...headers,
  });
}

const begin = async (state: Database, app: string): Promise<RunId> => {
  const { run } = await claimRun(state, {
    kind: "backup",
    app,
    destinations: [],
    requestedBy: "person",
    dryRun: false,
    owner: shop.holdfast.owner,
    now: new Date().toISOString(),
  });
  return run.id;
};
const line = (text: string): RunEvent => ({ type: "waiting", step: { phase: "store", subject: "disk" }, reason: text });
const say = async (state: Database, run: RunId, ...events: RunEvent[]): Promise<void> =>
  await appendEvents(
    state,
    run,
    events.map((event) => ({ event, at: new Date().toISOString() })),
  );
const idsOf = async (): Promise<number[]> =>
  (await shop.holdfast.state.selectFrom("events").select("id").orderBy("id").execute()).map(({ id }) => id);
const ids = (told: Told[]): number[] => told.flatMap(({ id }) => (id === undefined ? [] : [id]));
const hasEnded = (told: Told[]): boolean => told.some(({ data }) => data["type"] === "finished");

test("a run is told of from the queue to its end", async () => {
  const reader = await open();
  expect(reader.answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  expect(reader.answer.headers["cache-control"]).toBe("no-store");
  const path = `${backupPath}/configurations/${shop.configuration}/backup`;
  const { run_id: run } = (await shop.send<{ run_id: string }>("POST", path)).body;
  await runQueue(shop);
  await reader.until(hasEnded);
  const runEvents = reader.told.filter(({ event }) => event === "run");
  const types = runEvents.map(({ data }) => data["type"]);
  expect(types.slice(0, 2)).toEqual(["queued", "started"]);
  expect(types.at(-1)).toBe("finished");
  // One of each, and what the state has is what was told.
  expect(types.filter((type) => type === "finished" || type === "started")).toEqual(["started", "finished"]);
  expect(types).toContain("step-finished");
  expect(runEvents.at(-1)?.data).toMatchObject({ run_id: run, app: "shop", kind: "backup", outcome: "success" });
  expect(ids(reader.told)).toEqual(await idsOf());
  // Whoever hears of the end finds the run ended.
  expect((await shop.send("GET", `${backupPath}/runs/${run}`)).body).toMatchObject({ state: "success" });
  reader.cut();
});

test("a run of the command line is told of too", async () => {
  const reader = await open();
  const ended = await holdfast(["backup", "shop", "--config", `${shop.folder}/holdfast.yaml`], {
    home: `${shop.folder}/home`,
  });
  expect(ended.code, ended.stderr).toBe(0);
  const all = await idsOf();
  await reader.until((told) => ids(told).length >= all.length);
  expect(ids(reader.told)).toEqual(all);
  reader.cut();
});

test("a client that comes back misses nothing and hears nothing twice, however often it is cut off", async () => {
  const elsewhere = await openState(shop.holdfast.home.state);
  const run = await begin(elsewhere, "busy");
  const total = 3000;
  const writing = (async () => {
    for (let written = 0; written < total;) {
      const together = Math.min(1 + (written % 7), total - written);
      const state = written % 2 === 0 ? elsewhere : shop.holdfast.state;
      await say(state, run, ...Array.from({ length: together }, () => line(`${written++}`)));
      // SQLite in this process would else leave no room for anybody who reads meanwhile.
      await setImmediate();
    }
    await finishRun(elsewhere, run, "success", [], new Date().toISOString());
  })();
  // Somebody who listens all the time is told at the looks of the feed; who comes in between reads more than that at once.
  const steady = [await open("?after=0")];
  const told: Told[] = [];
  let cuts = 0;
  let last = "0";
  while (!hasEnded(told)) {
    const reader = await open("", { "last-event-id": last });
    const enough = 1 + ((cuts * 37) % 150);
    await reader.until((now) => ids(now).length >= enough || hasEnded(now));
    reader.cut();
    // What came after the cut was never taken.
    const taken = reader.told.slice(0, enough);
    told.push(...(hasEnded(reader.told) && reader.told.length <= enough ? reader.told : taken));
    last = String(ids(told).at(-1) ?? last);
    if (cuts++ % 4 === 0) steady.push(await open("?after=0"));
  }
  await writing;
  await elsewhere.destroy();
  for (const reader of steady) {
    await reader.until(hasEnded);
    expect(ids(reader.told)).toEqual(await idsOf());
    reader.cut();
  }
  expect(cuts).toBeGreaterThan(10);
  expect(ids(told)).toEqual(await idsOf());
  expect(told.filter(({ data }) => data["type"] === "waiting").map(({ data }) => data["reason"])).toEqual(
    Array.from({ length: total }, (_, index) => `${index}`),
  );
});

test("many clients hear the same, each from where it began", async () => {
  const run = await begin(shop.holdfast.state, "busy");
  await say(shop.holdfast.state, run, ...Array.from({ length: 700 }, (_, index) => line(`${index}`)));
  const all = await idsOf();
  const readers = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => await open(`?after=${all[index * 20] ?? 0}`)),
  );
  await say(shop.holdfast.state, run, ...Array.from({ length: 700 }, (_, index) => line(`more ${index}`)));
  await finishRun(shop.holdfast.state, run, "failed", [], new Date().toISOString());
  await Promise.all(readers.map(async (reader) => await reader.until(hasEnded)));
  const now = await idsOf();
  for (const [index, reader] of readers.entries()) {
    expect(ids(reader.told)).toEqual(now.filter((id) => id > (all[index * 20] ?? 0)));
    reader.cut();
  }
});

test("of one run only its own are told, from its beginning", async () => {
  const { state } = shop.holdfast;
  const [one, other] = [await begin(state, "one"), await begin(state, "other")];
  await say(state, one, line("a"));
  await say(state, other, line("x"));
  const reader = await open(`?run_id=${one}`);
  await say(state, other, line("y"));
  await say(state, one, line("b"));
  await finishRun(state, other, "success", [], new Date().toISOString());
  await finishRun(state, one, "warning", [], new Date().toISOString());
  await reader.until(hasEnded);
  expect(reader.told.map(({ data }) => data["run_id"])).toEqual([one, one, one]);
  expect(reader.told.map(({ data }) => data["reason"] ?? data["outcome"])).toEqual(["a", "b", "warning"]);
  reader.cut();
});

test("progress is told as it comes, without an id", async () => {
  const { state } = shop.holdfast;
  const run = await begin(state, "one");
  const reader = await open();
  const step = { phase: "store", subject: "disk" } as const;
  await say(state, run, { type: "step-progress", step, progress: { bytesDone: 5, bytesTotal: 10, secondsLeft: 3 } });
  await reader.until((told) => told.some(({ event }) => event === "progress"));
  expect(reader.told).toEqual([
    { event: "progress", data: { run_id: run, step, bytes_done: 5, bytes_total: 10, seconds_left: 3 } },
  ]);
  const { body } = await shop.send("GET", `${backupPath}/runs/${run}`);
  expect(body).toMatchObject({ state: "running", progress: { step, bytes_done: 5 } });
  reader.cut();
});

test("a client that takes nothing for a while gets all of it later, and holds up nobody", async () => {
  const { state } = shop.holdfast;
  const run = await begin(state, "busy");
  const slow = await open("?after=0");
  slow.answer.pause();
  const text = "x".repeat(100_000);
  // More than the buffers of both ends of a connection hold.
  for (let index = 0; index < 400; index++) await say(state, run, line(`${index} ${text}`));
  await finishRun(state, run, "success", [], new Date().toISOString());
  const quick = await open("?after=0");
  await quick.until(hasEnded);
  expect(ids(quick.told)).toEqual(await idsOf());
  quick.cut();
  expect(hasEnded(slow.told)).toBe(false);
  slow.answer.resume();
  await slow.until(hasEnded);
  expect(ids(slow.told)).toEqual(await idsOf());
  slow.cut();
});

test("an id that this state has never given is taken for the newest", async () => {
  const { state } = shop.holdfast;
  const run = await begin(state, "one");
  await say(state, run, line("before"));
  const reader = await open("", { "last-event-id": "999999" });
  await say(state, run, line("after"));
  await reader.until((told) => told.length > 0);
  expect(reader.told[0]?.data["reason"]).toBe("after");
  reader.cut();
});

test("a stream ends with the token that it was opened with", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const reader = await open();
  const other = await open("", { authorization: `Bearer ${await shop.token("operate")}` });
  await shop.holdfast.state
    .updateTable("tokens")
    .set({ revoked_at: new Date().toISOString() })
    .where("name", "=", "test-read")
    .execute();
  vi.advanceTimersByTime(15_000);
  await reader.closed;
  await say(shop.holdfast.state, await begin(shop.holdfast.state, "one"), line("a"));
  vi.advanceTimersByTime(15_000);
  await other.until((told) => told.length > 0);
  other.cut();
});

test("nobody opens streams without end", async () => {
  const readers: EventReader[] = [];
  for (let count = 0; count < 32; count++) readers.push(await open());
  const path = `${backupPath}/events`;
  const refused = await shop.send("GET", path, { as: "read" });
  expect([refused.status, refused.body]).toMatchObject([429, { code: "HF_TOO_MANY_STREAMS" }]);
  (await open("", { authorization: `Bearer ${await shop.token("operate")}` })).cut();
  for (const reader of readers) reader.cut();
  await vi.waitFor(async () => (await open()).cut());
});

test("what is no event and no run is refused", async () => {
  const path = `${backupPath}/events`;
  const header = await shop.send("GET", path, { headers: { "last-event-id": "abc" } });
  expect([header.status, header.body]).toMatchObject([400, { code: "HF_REQUEST_INVALID" }]);
  const unknown = await shop.send("GET", `${path}?run_id=${runId(randomUUID())}`);
  expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_RUN_UNKNOWN" }]);
});
