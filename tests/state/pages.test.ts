import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { thisProcess } from "../../src/base/process/owner.ts";
import { appName, destinationName, runId, snapshotId, snapshotRecordId, type RunId } from "../../src/domain/names.ts";
import { followEvents } from "../../src/operations/events/follow.ts";
import type { Database } from "../../src/state/open.ts";
import { appendEvents, eventsSince, lastEventId, lastEvents, type KeptEvent } from "../../src/state/queries/events.ts";
import { runningProgress, runPage } from "../../src/state/queries/run-pages.ts";
import { claimRun, finishRun } from "../../src/state/queries/runs.ts";
import {
  namesInSnapshots,
  readSnapshotRecord,
  snapshotPage,
  storedRecords,
  type PagedSnapshots,
} from "../../src/state/queries/snapshot-pages.ts";
import { insertSnapshotRecord } from "../../src/state/queries/snapshots.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";

const owner = thisProcess();
const minute = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
const restic = (index: number) => snapshotId(index.toString(16).padStart(64, "0"));

async function begin(state: Database, app: string, index = 0): Promise<RunId> {
  const request = { requestedBy: "person", dryRun: false, owner, now: minute(index) } as const;
  return (await claimRun(state, { kind: "backup", app, destinations: ["disk"], ...request })).run.id;
}

describe.each(engineNames)("lists on %s", (engine) => {
  it("give snapshots page by page, each once, newest first", async () => {
    const state = await opened(await newTarget(engine));
    const records = Array.from({ length: 50 }, (_, index) => ({
      id: snapshotRecordId(randomUUID()),
      runId: runId(randomUUID()),
      app: appName(index % 2 === 0 ? "even" : "odd"),
      destination: destinationName("disk"),
      status: index % 7 === 0 ? ("unchanged" as const) : ("success" as const),
      verdict: "good" as const,
      resticId: restic(index - (index % 7 === 0 ? 1 : 0)),
      host: "here",
      paths: [],
      tags: [],
      parts: [],
      pinned: false,
      // Several of one moment.
      startedAt: minute(Math.floor(index / 4)),
    }));
    for (const record of records) await insertSnapshotRecord(state, record);
    const all = async (filter: Partial<PagedSnapshots>): Promise<string[]> => {
      const ids: string[] = [];
      for (let after: PagedSnapshots["after"]; ;) {
        const wish = { forgotten: false, unchanged: true, limit: 6, ...filter };
        const page = await snapshotPage(state, after === undefined ? wish : { ...wish, after });
        ids.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (last === undefined) return ids;
        after = { time: last.startedAt, id: last.id };
      }
    };
    const sorted = records.toSorted((one, other) =>
      one.startedAt === other.startedAt ? (one.id < other.id ? 1 : -1) : one.startedAt < other.startedAt ? 1 : -1,
    );
    const ids = (wanted: (record: (typeof records)[number]) => boolean) => sorted.filter(wanted).map(({ id }) => id);
    expect(await all({})).toEqual(ids(() => true));
    expect(await all({ app: "odd", unchanged: false })).toEqual(
      ids(({ app, status }) => app === "odd" && status === "success"),
    );
    expect(await all({ from: minute(3), to: minute(6), pinned: false })).toEqual(
      ids(({ startedAt }) => startedAt >= minute(3) && startedAt < minute(6)),
    );
    const [, first] = records;
    expect(await readSnapshotRecord(state, first?.id ?? snapshotRecordId(""))).toMatchObject({ app: "odd" });
    const pointing = records[7];
    expect((await storedRecords(state, pointing === undefined ? [] : [pointing])).map(({ id }) => id)).toEqual([
      records[6]?.id,
    ]);
    expect((await namesInSnapshots(state, "app")).sort()).toEqual(["even", "odd"]);
  });

  it("give runs page by page, and the progress of those that go on", async () => {
    const state = await opened(await newTarget(engine));
    const runs: RunId[] = [];
    for (let index = 0; index < 20; index++) runs.push(await begin(state, `app${index}`, Math.floor(index / 3)));
    const step = { phase: "store", subject: "disk" } as const;
    const progress = { type: "step-progress", step, progress: { bytesDone: 1 } } as const;
    for (const run of runs.slice(0, 2)) await appendEvents(state, run, [{ event: progress, at: minute(1) }]);
    await finishRun(state, runs[0] ?? runId(""), "failed", [], minute(9));
    expect((await runningProgress(state)).map(({ id }) => id)).toEqual([runs[1]]);
    const found: string[] = [];
    for (let page = await runPage(state, { limit: 6 }); page.length > 0;) {
      found.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      page = await runPage(state, { limit: 6, after: { time: last.queuedAt, id: last.id } });
    }
    expect(found.toSorted()).toEqual(runs.toSorted());
    expect(new Set(found).size).toBe(runs.length);
    expect(await runPage(state, { limit: 9, state: "failed", app: "app0" })).toMatchObject([{ id: runs[0] }]);
  });
});

describe.each(engineNames)("events on %s", (engine) => {
  it("tell of the end of a run once, whoever closes it how often", async () => {
    const state = await opened(await newTarget(engine));
    const run = await begin(state, "app");
    await Promise.all([1, 2, 3].map(async () => await finishRun(state, run, "cancelled", [], minute(2))));
    const events = await eventsSince(state, { after: 0, run, limit: 10 });
    expect(events.map(({ event }) => event)).toEqual([
      { type: "finished", outcome: "cancelled", durationMs: 2 * 60_000 },
    ]);
    expect(events[0]).toMatchObject({ app: "app", kind: "backup", at: minute(2) });
    expect(await lastEventId(state)).toBe(events[0]?.id);
    expect(await lastEvents(state, run, 5)).toEqual(events);
    expect(await lastEvents(state, run, 0)).toEqual([]);
  });

  it("reach whoever follows in order, none left out and none twice, also of many who write at once", async () => {
    const target = await newTarget(engine);
    const [reader, ...writers] = [await opened(target), await opened(target), await opened(target)];
    const each = 150;
    const written = writers.map(async (state, writer) => {
      const run = await begin(state, `app${writer}`);
      const step = { phase: "store", subject: "disk" } as const;
      // Several at once on one connection pool: their transactions end in any order.
      await Promise.all(
        Array.from({ length: each }, async (_, index) => {
          const event = { type: "waiting", step, reason: `${writer}:${index}` } as const;
          await appendEvents(state, run, [{ event, at: minute(index) }]);
        }),
      );
      await finishRun(state, run, "success", [], minute(each));
    });
    const total = writers.length * (each + 1);
    const told: KeptEvent[] = [];
    const enough = new AbortController();
    const following = followEvents(
      reader,
      { after: 0 },
      {
        event(event) {
          told.push(event);
          if (told.length >= total) enough.abort();
        },
        progress: () => undefined,
        ready: () => true,
        taken: async () => undefined,
      },
      enough.signal,
    );
    await Promise.all(written);
    await following;
    const all = await eventsSince(reader, { after: 0, limit: total + 1 });
    expect(all).toHaveLength(total);
    expect(told.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });
});
