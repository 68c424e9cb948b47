import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { thisProcess } from "../../src/base/process/owner.ts";
import { render } from "../../src/base/errors/error.ts";
import { appName, destinationName, runId } from "../../src/domain/names.ts";
import type { SnapshotStatus, Verdict } from "../../src/domain/snapshot.ts";
import { lateOnes } from "../../src/operations/freshness/late.ts";
import { watchFreshness } from "../../src/operations/freshness/watch.ts";
import { enqueueDue } from "../../src/operations/schedule/due.ts";
import { newestGood, openAlerts, type Alert } from "../../src/state/queries/alerts.ts";
import { enterDaemon, forgetDeadDaemons, leaveDaemon } from "../../src/state/queries/daemons.ts";
import { readSchedules } from "../../src/state/queries/schedules.ts";
import { createSnapshotRecord, finishSnapshotRecord, forgetAllRecords } from "../../src/state/queries/snapshots.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";
import { declaredBy, deciding, onNode, setClock, type Deciding } from "./inventory.ts";

// A day, no jitter, six hours of grace: 30 hours.
const yaml = `
destinations:
  nas: { type: local, path: /mnt/nas }
  b2: { type: local, path: /mnt/b2 }
policies: { default: { schedule: "0 2 * * *", timezone: UTC, jitter: 0s } }
apps: { immich: { paths: [/srv/immich] }, mealie: { paths: [/srv/mealie] } }
`;

async function stored(
  { state }: Deciding,
  [app, destination]: [string, string],
  at: string,
  result: { status: Exclude<SnapshotStatus, "in_progress">; verdict?: Verdict } = {
    status: "success",
    verdict: "good",
  },
): Promise<void> {
  const names = { app: appName(app), destination: destinationName(destination) };
  const id = await createSnapshotRecord(state, { ...names, runId: runId(randomUUID()), host: "box", startedAt: at });
  await finishSnapshotRecord(state, id, { ...result, completedAt: new Date(at).toISOString(), durationMs: 1 });
}

const everywhere = async (holdfast: Deciding, at: string): Promise<void> => {
  for (const app of ["immich", "mealie"]) for (const name of ["nas", "b2"]) await stored(holdfast, [app, name], at);
};

const nameOf = ({ app = "", destination = "" }: Alert): string => `${app} ${destination}`;

async function lookAt(holdfast: Deciding, at: string): Promise<{ raised: string[]; cleared: string[] }> {
  const { raised, cleared } = await watchFreshness(holdfast, holdfast.clock.set(at));
  return { raised: raised.map(nameOf), cleared: cleared.map(nameOf) };
}

const nothing = { raised: [], cleared: [] };

describe.each(engineNames)("the watch over freshness, with the state on %s", (engine) => {
  const start = async (): Promise<Deciding> => {
    const holdfast = deciding(await opened(await newTarget(engine)), yaml, setClock("2026-11-20T02:00Z"));
    await enqueueDue(holdfast, holdfast.clock.now());
    return holdfast;
  };

  it("raises an alert once, when the newest good snapshot in a destination has grown too old, and clears it by itself", async () => {
    const holdfast = await start();
    await everywhere(holdfast, "2026-11-20T02:10Z");
    expect(await lookAt(holdfast, "2026-11-21T08:10Z")).toEqual(nothing);
    await stored(holdfast, ["mealie", "nas"], "2026-11-21T02:10Z");
    await stored(holdfast, ["mealie", "b2"], "2026-11-21T02:10Z", { status: "unchanged" });
    await stored(holdfast, ["immich", "nas"], "2026-11-21T02:10Z");
    await stored(holdfast, ["immich", "b2"], "2026-11-21T02:10Z", { status: "success", verdict: "partial" });
    expect(await lookAt(holdfast, "2026-11-21T08:10:01Z")).toEqual({ raised: ["immich b2"], cleared: [] });
    expect(await lookAt(holdfast, "2026-11-21T08:11Z")).toEqual(nothing);
    await stored(holdfast, ["immich", "b2"], "2026-11-21T09:00Z");
    expect(await lookAt(holdfast, "2026-11-21T09:01Z")).toEqual({ raised: [], cleared: ["immich b2"] });
    expect(await lookAt(holdfast, "2026-11-21T09:02Z")).toEqual(nothing);
  });

  it("waits for an app that was never backed up as long as for others", async () => {
    const holdfast = await start();
    expect(await lookAt(holdfast, "2026-11-21T08:00Z")).toEqual(nothing);
    const { raised } = await lookAt(holdfast, "2026-11-21T08:00:01Z");
    expect(raised.sort()).toEqual(["immich b2", "immich nas", "mealie b2", "mealie nas"]);
    const [alert] = await openAlerts(holdfast.state, "stale");
    expect(alert).toMatchObject({ kind: "stale", raisedAt: "2026-11-21T08:00:01.000Z" });
    expect(alert === undefined ? "" : render(alert.problem).message).toBe(
      "immich has no good snapshot in b2 of the last 1 d 6 h: none since 2026-11-20T02:00:00.000Z.",
    );
  });

  it("is in silence about what is watched no more, and begins anew with it", async () => {
    const holdfast = await start();
    await lookAt(holdfast, "2026-11-22T00:00Z");
    const without = { ...holdfast, declared: declaredBy(yaml.replace("mealie: {", "mealie: { enabled: false,")) };
    expect(await lookAt(without, "2026-11-22T00:01Z")).toEqual(nothing);
    expect(await openAlerts(holdfast.state)).toHaveLength(2);
    const alone = { ...holdfast, declared: declaredBy(yaml.replace("b2: {", "b2: { enabled: false,")) };
    await lookAt(alone, "2026-11-22T00:02Z");
    expect((await openAlerts(holdfast.state)).map(nameOf)).toEqual(["mealie nas", "immich nas"]);
    expect((await lookAt(holdfast, "2026-11-22T00:03Z")).raised.sort()).toEqual(["immich b2", "mealie b2"]);
  });

  it("gives each alert to one of several daemons", async () => {
    const holdfast = await start();
    const looks = async (at: string): Promise<{ raised: number; cleared: number }> => {
      const now = holdfast.clock.set(at);
      const changes = await Promise.all([1, 2, 3, 4].map(async () => await watchFreshness(holdfast, now)));
      return {
        raised: changes.flatMap(({ raised }) => raised).length,
        cleared: changes.flatMap(({ cleared }) => cleared).length,
      };
    };
    expect(await looks("2026-11-22T00:00Z")).toEqual({ raised: 4, cleared: 0 });
    await everywhere(holdfast, "2026-11-22T02:00Z");
    expect(await looks("2026-11-22T03:00Z")).toEqual({ raised: 0, cleared: 4 });
    expect(await openAlerts(holdfast.state)).toEqual([]);
  });

  it("keeps the alert of a node that has died, and clears it in silence when nobody came back for a month", async () => {
    const holdfast = await start();
    const dead = { ...thisProcess(), startTime: "0" };
    const startedAt = "2026-11-20T02:00:00.000Z";
    await enterDaemon(holdfast.state, { owner: dead, node: "box", address: "127.0.0.1:8420", version: "1", startedAt });
    await lookAt(holdfast, "2026-11-22T00:00Z");
    const other = onNode(holdfast, "apps: { other: { paths: [/srv/other] } }", "attic");
    await forgetDeadDaemons(holdfast.state, new Date("2026-11-22T00:01Z"));
    expect(await lookAt(other, "2026-11-22T00:01Z")).toEqual(nothing);
    expect(await openAlerts(holdfast.state)).toHaveLength(4);
    await forgetDeadDaemons(holdfast.state, new Date("2026-12-21T02:00Z"));
    expect(await lookAt(other, "2026-12-21T02:00Z")).toEqual(nothing);
    expect(await openAlerts(holdfast.state)).toEqual([]);
  });

  it("tells apart the apps of one name on two nodes", async () => {
    const holdfast = await start();
    const attic = onNode(holdfast, yaml, "attic");
    const startedAt = new Date().toISOString();
    const daemon = { owner: thisProcess(), node: "attic", address: "127.0.0.1:8420", version: "1", startedAt };
    await enterDaemon(holdfast.state, daemon);
    await enqueueDue(attic, holdfast.clock.now());
    await everywhere(holdfast, "2026-11-21T02:00Z");
    expect(await lookAt(holdfast, "2026-11-21T09:00Z")).toEqual(nothing);
    expect((await lookAt(attic, "2026-11-21T09:00Z")).raised).toHaveLength(4);
    expect(await lookAt(holdfast, "2026-11-21T09:01Z")).toEqual(nothing);
    expect(await lookAt(attic, "2026-11-21T09:01Z")).toEqual(nothing);
  });

  it("waits in a destination that is new to a policy as long as for a new app", async () => {
    const holdfast = await start();
    const two = "destinations: [nas, b2]";
    const later = { ...holdfast, declared: declaredBy(yaml.replace("jitter: 0s", `jitter: 0s, ${two}`)) };
    holdfast.declared = declaredBy(yaml.replace("jitter: 0s", "jitter: 0s, destinations: [nas]"));
    await holdfast.state.deleteFrom("schedules").execute();
    await enqueueDue(holdfast, holdfast.clock.now());
    for (const app of ["immich", "mealie"]) await stored(holdfast, [app, "nas"], "2026-11-29T02:10Z");
    await enqueueDue(later, holdfast.clock.set("2026-11-29T03:00Z"));
    expect(await lookAt(later, "2026-11-30T08:00Z")).toEqual(nothing);
    await stored(holdfast, ["mealie", "b2"], "2026-11-30T08:30Z");
    for (const app of ["immich", "mealie"]) await stored(holdfast, [app, "nas"], "2026-11-30T08:30Z");
    expect(await lookAt(later, "2026-11-30T09:00:01Z")).toEqual({ raised: ["immich b2"], cleared: [] });
  });

  it("is not blinded by a clock that was years ahead", async () => {
    const holdfast = await start();
    await enqueueDue(holdfast, holdfast.clock.set("2031-01-01T00:00Z"));
    await holdfast.state.updateTable("schedules").set({ first_seen_at: "2031-01-01T00:00:00.000Z" }).execute();
    await everywhere(holdfast, "2031-01-01T00:00Z");
    await enqueueDue(holdfast, holdfast.clock.set("2026-11-20T02:00Z"));
    await stored(holdfast, ["mealie", "nas"], "2026-11-21T02:00Z");
    const { raised } = await lookAt(holdfast, "2026-11-21T08:00:01Z");
    expect(raised.sort()).toEqual(["immich b2", "immich nas", "mealie b2"]);
  });

  it("keeps no alert that it could not tell of", async () => {
    const holdfast = await start();
    const notified = declaredBy(`${yaml}notifications: { hook: { type: webhook, url: "http://127.0.0.1:9/in" } }`);
    let broken = true;
    const clock = {
      ...holdfast.clock,
      now: () => {
        if (broken) throw new Error("the power is gone");
        return holdfast.clock.now();
      },
    };
    const telling = { ...holdfast, declared: notified, clock };
    await expect(watchFreshness(telling, new Date("2026-11-22T00:00Z"))).rejects.toThrow("the power is gone");
    expect(await openAlerts(holdfast.state)).toEqual([]);
    broken = false;
    await lookAt(telling, "2026-11-22T00:00Z");
    const waiting = await holdfast.state.selectFrom("outbox").select("notifier").execute();
    expect(waiting).toEqual([{ notifier: "hook" }, { notifier: "hook" }]);
  });

  it("leaves to another living daemon what only that one knows", async () => {
    const holdfast = await start();
    const owner = thisProcess();
    const daemon = { owner, address: "127.0.0.1:8420", version: "1", startedAt: new Date().toISOString() };
    await enterDaemon(holdfast.state, { ...daemon, node: "box" });
    const other = onNode(holdfast, "apps: { other: { paths: [/srv/other] } }", "attic");
    await lookAt(holdfast, "2026-11-22T00:00Z");
    expect(await lookAt(other, "2026-11-22T00:01Z")).toEqual(nothing);
    expect(await openAlerts(holdfast.state)).toHaveLength(4);
    await leaveDaemon(holdfast.state, owner);
    expect(await lookAt(other, "2026-11-22T00:02Z")).toEqual(nothing);
    expect(await openAlerts(holdfast.state)).toEqual([]);
  });

  it("notices that the snapshots of a destination are gone", async () => {
    const holdfast = await start();
    await everywhere(holdfast, "2026-11-23T02:00Z");
    expect(await lookAt(holdfast, "2026-11-23T03:00Z")).toEqual(nothing);
    await holdfast.state
      .updateTable("snapshots")
      .set((row) => ({ restic_id: row.ref("id") }))
      .execute();
    await forgetAllRecords(holdfast.state, destinationName("nas"), "2026-11-23T04:00:00.000Z");
    expect((await lookAt(holdfast, "2026-11-23T05:00Z")).raised.sort()).toEqual(["immich nas", "mealie nas"]);
  });
});

it("an app that the schedule has not seen yet is not late", async () => {
  const holdfast = deciding(await opened(await newTarget("SQLite")), yaml, setClock("2026-11-20T02:00Z"));
  expect(await lookAt(holdfast, "2026-11-20T02:00Z")).toEqual(nothing);
});

it("without a daemon an app that was never backed up is late at once", async () => {
  const holdfast = deciding(await opened(await newTarget("SQLite")), yaml, setClock("2026-11-20T02:00Z"));
  const known = {
    good: await newestGood(holdfast.state, holdfast.clock.now()),
    seen: await readSchedules(holdfast.state),
  };
  expect(lateOnes(holdfast.declared, known, holdfast.clock.now()).map(({ app }) => app)).toEqual([
    "immich",
    "immich",
    "mealie",
    "mealie",
  ]);
});
