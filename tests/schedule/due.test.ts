import { describe, expect, it } from "vitest";
import { thisProcess } from "../../src/base/process/owner.ts";
import { enqueueBackups, type BackupOrder } from "../../src/operations/queue/enqueue.ts";
import { enqueueDue } from "../../src/operations/schedule/due.ts";
import { nextRunOf } from "../../src/operations/schedule/next-run.ts";
import type { Database } from "../../src/state/open.ts";
import { claimRun, finishRun, fromRow, type RunRecord } from "../../src/state/queries/runs.ts";
import { writing } from "../../src/state/transaction.ts";
import type { Outcome } from "../../src/domain/run-state.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";
import { declaredBy, deciding, onNode, setClock, type Deciding } from "./inventory.ts";

const nightly = `
policies:
  default: { schedule: "0 2 * * *", timezone: UTC, jitter: 0s }
  hourly: { schedule: "30 * * * *" }
apps:
  immich: { paths: [/srv/immich] }
  mealie: { paths: [/srv/mealie] }
  notes: { paths: [/srv/notes], policy: hourly }
`;

async function runsOf(db: Database): Promise<RunRecord[]> {
  const rows = await db.selectFrom("runs").selectAll().orderBy("queued_at").orderBy("app").execute();
  return rows.map(fromRow);
}

const slots = async (db: Database): Promise<string[]> => (await runsOf(db)).flatMap(({ slot }) => slot ?? []);

async function finishAll({ state, clock }: Deciding, outcome: Outcome = "success"): Promise<void> {
  for (const run of await runsOf(state)) {
    if (run.finishedAt !== undefined) continue;
    const at = clock.now().toISOString();
    await state
      .updateTable("runs")
      .set({ started_at: at })
      .where("id", "=", run.id)
      .where("started_at", "is", null)
      .execute();
    await finishRun(state, run.id, outcome, [], at);
  }
}

/** Moves the clock and looks, as a daemon does. */
const lookAt = async (holdfast: Deciding, at: string): Promise<number> =>
  await enqueueDue(holdfast, holdfast.clock.set(at));

describe.each(engineNames)("what is due, with the state on %s", (engine) => {
  const start = async (yaml = nightly): Promise<Deciding> =>
    deciding(await opened(await newTarget(engine)), yaml, setClock("2026-11-20T12:10Z"));

  it("is queued once at its time, and not before the first one that comes", async () => {
    const holdfast = await start();
    expect(await lookAt(holdfast, "2026-11-20T12:10Z")).toBe(0);
    expect(await lookAt(holdfast, "2026-11-20T12:29:59Z")).toBe(0);
    expect(await lookAt(holdfast, "2026-11-20T12:30:04Z")).toBe(1);
    expect(await lookAt(holdfast, "2026-11-20T12:30:09Z")).toBe(0);
    await finishAll(holdfast);
    expect(await lookAt(holdfast, "2026-11-20T12:31Z")).toBe(0);
    const [run] = await runsOf(holdfast.state);
    expect(run).toMatchObject({
      state: "success",
      app: "notes",
      requestedBy: "schedule",
      slot: "backup:box/notes:2026-11-20T12:30:00.000Z",
      destinations: ["local"],
      node: "box",
      attempt: 1,
    });
  });

  it("is caught up once per app after three days of sleep", async () => {
    const holdfast = await start();
    await lookAt(holdfast, "2026-11-20T12:10Z");
    expect(await lookAt(holdfast, "2026-11-23T15:00Z")).toBe(3);
    await finishAll(holdfast);
    expect(await lookAt(holdfast, "2026-11-23T15:01Z")).toBe(0);
    expect(await slots(holdfast.state)).toEqual([
      "backup:box/immich:2026-11-23T02:00:00.000Z",
      "backup:box/mealie:2026-11-23T02:00:00.000Z",
      "backup:box/notes:2026-11-23T14:30:00.000Z",
    ]);
  });

  it("waits while the app has a run, and is then queued once, for its newest time", async () => {
    const holdfast = await start();
    await lookAt(holdfast, "2026-11-20T12:10Z");
    await claimRun(holdfast.state, {
      kind: "restore",
      app: "notes",
      destinations: [],
      requestedBy: "person",
      dryRun: false,
      owner: thisProcess(),
      now: "2026-11-20T12:20:00.000Z",
    });
    expect(await lookAt(holdfast, "2026-11-20T12:31Z")).toBe(0);
    expect(await lookAt(holdfast, "2026-11-20T13:31Z")).toBe(0);
    await finishAll(holdfast);
    expect(await lookAt(holdfast, "2026-11-20T13:40Z")).toBe(1);
    expect(await slots(holdfast.state)).toContain("backup:box/notes:2026-11-20T13:30:00.000Z");
  });

  it("is served by a backup that began later, whoever asked for it, unless that failed or was for some destinations only", async () => {
    const holdfast = await start();
    const [app] = holdfast.declared.apps;
    if (app === undefined) throw new Error("no app");
    await lookAt(holdfast, "2026-11-20T12:10Z");
    const person = async (at: string, outcome: Outcome, only?: string[]): Promise<void> => {
      holdfast.clock.set(at);
      const order: BackupOrder = { app, destinations: ["local"], requestedBy: "person", ...(only && { only }) };
      await writing(holdfast.state, async (transaction) => await enqueueBackups(holdfast, transaction, [order]));
      await finishAll(holdfast, outcome);
    };
    const immich = async (): Promise<string[]> =>
      (await slots(holdfast.state)).filter((slot) => slot.startsWith("backup:box/immich"));

    await person("2026-11-21T02:00:01Z", "warning");
    await lookAt(holdfast, "2026-11-21T02:00:04Z");
    await finishAll(holdfast);
    expect(await immich()).toEqual([]);

    await person("2026-11-22T02:00:01Z", "failed");
    await lookAt(holdfast, "2026-11-22T02:00:04Z");
    await finishAll(holdfast);
    expect(await immich()).toEqual(["backup:box/immich:2026-11-22T02:00:00.000Z"]);

    await person("2026-11-23T02:00:01Z", "success", ["elsewhere"]);
    await lookAt(holdfast, "2026-11-23T02:00:04Z");
    expect(await immich()).toHaveLength(2);
  });

  it("is queued for each node that has an app of that name, whatever the other's does", async () => {
    const yaml = nightly.replace(
      "  mealie: { paths: [/srv/mealie] }\n  notes: { paths: [/srv/notes], policy: hourly }\n",
      "",
    );
    const box = await start(yaml);
    const attic = onNode(box, yaml, "attic");
    const both = async (at: string): Promise<number[]> => [await lookAt(box, at), await lookAt(attic, at)];
    expect(await both("2026-11-20T12:10Z")).toEqual([0, 0]);
    expect(await both("2026-11-21T02:00Z")).toEqual([1, 1]);
    expect((await slots(box.state)).sort()).toEqual([
      "backup:attic/immich:2026-11-21T02:00:00.000Z",
      "backup:box/immich:2026-11-21T02:00:00.000Z",
    ]);
    // The other node is switched off: its run waits, and only its own.
    const end = async (on: string, outcome: Outcome): Promise<void> => {
      for (const { id, node, finishedAt } of await runsOf(box.state)) {
        if (node !== on || finishedAt !== undefined) continue;
        const at = box.clock.now().toISOString();
        await box.state.updateTable("runs").set({ started_at: at }).where("id", "=", id).execute();
        await finishRun(box.state, id, outcome, [], at);
      }
    };
    await end("box", "success");
    expect(await both("2026-11-22T02:00Z")).toEqual([1, 0]);
    // What the one has stored serves not the other.
    await end("box", "success");
    await end("attic", "cancelled");
    expect(await both("2026-11-22T02:01Z")).toEqual([0, 1]);
  });

  it("is neither lost nor doubled by a daemon that dies in the middle", async () => {
    const holdfast = await start();
    await lookAt(holdfast, "2026-11-20T12:10Z");
    const broken = { ...holdfast, clock: { ...holdfast.clock, now: () => failing(3) } };
    let calls = 0;
    const failing = (times: number): Date => {
      calls += 1;
      if (calls < times) return new Date("2026-11-21T02:00Z");
      throw new Error("the power is gone");
    };
    await expect(enqueueDue(broken, new Date("2026-11-21T02:00Z"))).rejects.toThrow("the power is gone");
    expect(calls).toBe(3);
    expect(await runsOf(holdfast.state)).toEqual([]);
    expect(await lookAt(holdfast, "2026-11-21T02:00:10Z")).toBe(3);
    expect(await lookAt(holdfast, "2026-11-21T02:00:15Z")).toBe(0);
  });

  it("is queued once by two daemons side by side, a thousand apps in one minute", async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `app-${index}`);
    const yaml = `
policies: { default: { schedule: "0 2 * * *", timezone: UTC, jitter: 0s } }
apps:
${names.map((name) => `  ${name}: { paths: [/srv/${name}] }`).join("\n")}
`;
    const target = await newTarget(engine);
    const clock = setClock("2026-11-20T12:00Z");
    const one = deciding(await opened(target), yaml, clock);
    const other = { ...one, state: await opened(target), deviceName: "box" };
    const at = async (time: string): Promise<number[]> => {
      const now = clock.set(time);
      return await Promise.all([one, other, one, other].map(async (holdfast) => await enqueueDue(holdfast, now)));
    };
    expect(await at("2026-11-20T12:00Z")).toEqual([0, 0, 0, 0]);
    const queued = await at("2026-11-21T02:00:00Z");
    expect(queued.reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(await at("2026-11-21T02:00:05Z")).toEqual([0, 0, 0, 0]);
    expect((await slots(one.state)).sort()).toEqual(
      names.map((name) => `backup:box/${name}:2026-11-21T02:00:00.000Z`).sort(),
    );
    const records = await one.state.selectFrom("snapshots").select("app").execute();
    expect(records.map(({ app }) => app).sort()).toEqual(names.sort());
  });
});

describe("what is due", () => {
  const start = async (yaml: string, at = "2026-11-20T12:00Z"): Promise<Deciding> => {
    const holdfast = deciding(await opened(await newTarget("SQLite")), yaml, setClock(at));
    await enqueueDue(holdfast, holdfast.clock.now());
    return holdfast;
  };
  const queuedApps = async (holdfast: Deciding): Promise<(string | undefined)[]> =>
    (await runsOf(holdfast.state)).map(({ app }) => app);

  it("is not an app that is disabled, or whose policy is, or has no enabled destination", async () => {
    const holdfast = await start(`
destinations:
  nas: { type: local, path: /mnt/nas }
  old: { type: local, path: /mnt/old, enabled: false }
policies:
  default: { schedule: "0 2 * * *", timezone: UTC, jitter: 0s }
  off: { enabled: false }
  nowhere: { destinations: [old] }
apps:
  on: { paths: [/srv/on] }
  off: { paths: [/srv/off], enabled: false }
  idle: { paths: [/srv/idle], policy: off }
  lost: { paths: [/srv/lost], policy: nowhere }
`);
    expect(await lookAt(holdfast, "2026-11-21T03:00Z")).toBe(1);
    const [run] = await runsOf(holdfast.state);
    expect(run).toMatchObject({ app: "on", destinations: ["nas"] });
    const next = holdfast.declared.apps.map((app) => [
      app.name,
      nextRunOf(holdfast, app, holdfast.clock.now())?.toISOString(),
    ]);
    expect(Object.fromEntries(next)).toEqual({
      on: "2026-11-22T02:00:00.000Z",
      off: undefined,
      idle: undefined,
      lost: undefined,
    });
  });

  it("waits for the end of a blackout, and is then queued once", async () => {
    const holdfast = await start(`
policies:
  default: { schedule: "0 * * * *", timezone: Europe/Berlin, jitter: 0s, blackout: "Mon-Fri 08:00-18:00" }
apps: { immich: { paths: [/srv/immich] } }
`);
    const [app] = holdfast.declared.apps;
    if (app === undefined) throw new Error("no app");
    const next = (): string | undefined => nextRunOf(holdfast, app, holdfast.clock.now())?.toISOString();
    // Friday, 13:00 in Berlin.
    for (const time of ["12:30", "13:00", "16:59"]) expect(await lookAt(holdfast, `2026-11-20T${time}Z`)).toBe(0);
    expect(next()).toBe("2026-11-20T17:00:00.000Z");
    expect(await lookAt(holdfast, "2026-11-20T17:00Z")).toBe(1);
    expect(await slots(holdfast.state)).toEqual(["backup:box/immich:2026-11-20T17:00:00.000Z"]);
    expect(next()).toBe("2026-11-20T18:00:00.000Z");
  });

  it("has the jitter of its app, the same each day", async () => {
    const holdfast = await start(`
policies: { default: { schedule: "0 2 * * *", timezone: UTC, jitter: 2h } }
apps: { immich: { paths: [/srv/immich] }, mealie: { paths: [/srv/mealie] } }
`);
    for (const day of ["21", "22"]) {
      expect(await lookAt(holdfast, `2026-11-${day}T02:00Z`)).toBe(0);
      expect(await lookAt(holdfast, `2026-11-${day}T02:20Z`)).toBe(1);
      expect(await lookAt(holdfast, `2026-11-${day}T02:59Z`)).toBe(1);
      await finishAll(holdfast);
    }
    expect((await slots(holdfast.state)).sort()).toEqual([
      "backup:box/immich:2026-11-21T02:59:00.000Z",
      "backup:box/immich:2026-11-22T02:59:00.000Z",
      "backup:box/mealie:2026-11-21T02:20:00.000Z",
      "backup:box/mealie:2026-11-22T02:20:00.000Z",
    ]);
  });

  it("is found again after a clock that was years ahead", async () => {
    const holdfast = await start(nightly, "2031-01-01T00:00Z");
    expect(await lookAt(holdfast, "2026-11-20T12:10Z")).toBe(0);
    expect(await lookAt(holdfast, "2026-11-20T12:30Z")).toBe(1);
    expect(await queuedApps(holdfast)).toEqual(["notes"]);
  });

  it("costs little when it is nothing", async () => {
    const apps = Array.from({ length: 1000 }, (_, index) => `  app-${index}: { paths: [/srv/app-${index}] }`);
    const holdfast = await start(`apps:\n${apps.join("\n")}`);
    holdfast.declared = declaredBy(`apps:\n${apps.join("\n")}`);
    const looks = 50;
    const begun = process.cpuUsage();
    for (let look = 0; look < looks; look++) {
      await lookAt(holdfast, new Date(Date.UTC(2026, 10, 20, 12, 10, look)).toISOString());
    }
    const { user, system } = process.cpuUsage(begun);
    // 1.7 ms were measured; a query for each app would take more than a hundred.
    expect((user + system) / 1000 / looks).toBeLessThan(15);
  });
});
