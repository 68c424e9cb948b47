import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runId } from "../names.ts";
import { nextRuns, type DispatchRules, type DispatchRun } from "./dispatch.ts";

const rules: DispatchRules = {
  node: "box",
  now: "2026-11-20T02:00:00.000Z",
  limits: { runs: 4, perDevice: 4, perDestination: 4 },
  atOnce: new Map(),
  held: new Set(),
  declared: new Set(["nas", "b2", "usb"]),
};

let made = 0;
function run(over: Partial<DispatchRun> = {}): DispatchRun {
  made += 1;
  return {
    id: runId(`run-${String(made).padStart(4, "0")}`),
    kind: "backup",
    state: "queued",
    app: `app-${made}`,
    requestedBy: "schedule",
    queuedAt: "2026-11-20T01:00:00.000Z",
    destinations: ["nas"],
    wave: 0,
    ...over,
  };
}

const upkeep = (kind: "retain" | "prune" | "check", destination = "nas"): DispatchRun => {
  const { app: _none, ...rest } = run({ kind, destinations: [destination] });
  return rest;
};

describe("what may begin now", () => {
  it("begins as many as the limits allow, the longest waiting first", () => {
    const queued = [5, 3, 1, 4, 2].map((minute) => run({ queuedAt: `2026-11-20T01:0${minute}:00.000Z` }));
    const wanted = [queued[2], queued[4], queued[1], queued[3]].map((one) => one?.id);
    expect(nextRuns(queued, rules)).toEqual(wanted);
  });

  it("counts what runs already, also for other processes", () => {
    const busy = [run({ state: "running" }), run({ state: "running" }), run({ state: "running" })];
    expect(nextRuns([...busy, run(), run()], rules)).toHaveLength(1);
  });

  it("keeps the limit of one destination and lets others go on", () => {
    const queued = [run({ destinations: ["nas"] }), run({ destinations: ["nas"] }), run({ destinations: ["b2"] })];
    expect(nextRuns(queued, { ...rules, atOnce: new Map([["nas", 1]]) })).toEqual([queued[0]?.id, queued[2]?.id]);
  });

  it("keeps the limit of a device", () => {
    const queued = [run({ node: "box" }), run({ node: "box" })];
    expect(nextRuns(queued, { ...rules, limits: { ...rules.limits, perDevice: 1 } })).toEqual([queued[0]?.id]);
  });

  it("leaves alone what belongs to another node, is not yet to begin, was cancelled or is held", () => {
    const queued = [
      run({ node: "other" }),
      run({ notBefore: "2026-11-20T02:00:01.000Z" }),
      run({ cancelRequestedAt: "2026-11-20T01:30:00.000Z" }),
      run({ app: "held" }),
    ];
    expect(nextRuns(queued, { ...rules, held: new Set(["held"]) })).toEqual([]);
  });

  it("lets a person's request pass before all others, through a blackout too", () => {
    const queued = [run(), run({ app: "held", requestedBy: "person", queuedAt: "2026-11-20T01:59:00.000Z" })];
    const held = new Set(["held"]);
    expect(nextRuns(queued, { ...rules, limits: { ...rules.limits, runs: 1 }, held })).toEqual([queued[1]?.id]);
  });

  it("never begins a second run of an app that has one", () => {
    expect(nextRuns([run({ state: "running", kind: "restore", app: "a" }), run({ app: "a" })], rules)).toEqual([]);
  });

  it("lets a later wave wait until the earlier one has ended, but not for a retry that is yet to come", () => {
    const later = run({ wave: 1 });
    expect(nextRuns([run({ state: "running" }), later], rules)).toEqual([]);
    expect(nextRuns([run({ notBefore: "2026-11-20T03:00:00.000Z" }), later], rules)).toEqual([later.id]);
  });

  it("does upkeep only where no backup wants the destination, and one at a time there", () => {
    const [retain, prune] = [upkeep("retain"), upkeep("prune")];
    const elsewhere = upkeep("check", "b2");
    expect(nextRuns([run(), retain, elsewhere], rules)).not.toContain(retain.id);
    expect(nextRuns([run({ state: "running" }), retain, elsewhere], rules)).toEqual([elsewhere.id]);
    expect(nextRuns([retain, prune], rules)).toEqual([retain.id]);
  });

  it("begins no backup where upkeep goes on, and lets those of other destinations pass", () => {
    const going = { ...upkeep("check"), state: "running" as const };
    const [here, there] = [run(), run({ destinations: ["b2"] })];
    expect(nextRuns([going, here, there], rules)).toEqual([there.id]);
  });

  it("lets backups of the schedule wait for upkeep that has waited for hours, or that a person asked for", () => {
    const long = { ...upkeep("prune"), queuedAt: "2026-11-19T01:00:00.000Z" };
    const asked = { ...upkeep("prune"), requestedBy: "person" as const };
    for (const one of [long, asked]) {
      expect(nextRuns([one, run()], rules)).toEqual([one.id]);
      expect(nextRuns([one, run(), run({ state: "running" })], rules)).toEqual([]);
    }
  });

  it("leaves upkeep of destinations that are not declared here to others", () => {
    expect(nextRuns([upkeep("prune", "elsewhere")], rules)).toEqual([]);
  });

  it("does not wait for a time that only a wrong clock can have written", () => {
    const late = run({ notBefore: "2036-01-01T00:00:00.000Z" });
    expect(nextRuns([late], rules)).toEqual([late.id]);
  });

  it("begins nothing of an app on which this process is still at work", () => {
    const [stuck, other] = [run({ app: "stuck" }), run({ app: "other" })];
    expect(nextRuns([stuck, other], { ...rules, here: new Set(["stuck"]) })).toEqual([other.id]);
  });

  it("exceeds no limit, whatever is in the queue", () => {
    const any = fc.record({
      state: fc.constantFrom("queued" as const, "running" as const),
      destinations: fc.subarray(["nas", "b2", "usb"], { minLength: 1 }),
      node: fc.constantFrom("box", "other"),
      app: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
      wave: fc.integer({ min: 0, max: 2 }),
      requestedBy: fc.constantFrom("schedule" as const, "person" as const),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (found, most) => {
        const runs = found.map((one) => run(one));
        const limits = { runs: most, perDevice: most, perDestination: 2 };
        const begun = new Set(nextRuns(runs, { ...rules, limits }));
        const before = runs.filter((one) => one.state === "running");
        const after = runs.filter((one) => one.state === "running" || begun.has(one.id));
        expect(after.length).toBeLessThanOrEqual(Math.max(most, before.length));
        for (const name of ["nas", "b2", "usb"]) {
          const uses = (all: DispatchRun[]): number => all.filter((one) => one.destinations.includes(name)).length;
          expect(uses(after)).toBeLessThanOrEqual(Math.max(2, uses(before)));
        }
        const news = runs.filter((one) => begun.has(one.id));
        expect(new Set(news.map((one) => one.app)).size).toBe(news.length);
        expect(news.every((one) => one.node === "box")).toBe(true);
      }),
    );
  });
});
