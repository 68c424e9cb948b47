import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFailure } from "../../base/errors/error.ts";
import type { Keep } from "../atoms/keep.ts";
import type { Verdict } from "../snapshot.ts";
import { applyKeep } from "./apply-keep.ts";
import { assertSafe, decideRetention, reasonTexts, type RetentionSnapshot } from "./decide.ts";

const now = new Date("2026-06-01T12:00:00Z");
const start = Date.parse("2026-05-31T00:00:00Z");

const snapshot = fc.record({
  nights: fc.nat(200),
  verdict: fc.constantFrom<Verdict>("good", "good", "partial", "suspect", "unproven"),
  pinned: fc.boolean().map((pinned) => pinned),
});
const history: fc.Arbitrary<RetentionSnapshot[]> = fc.array(snapshot, { minLength: 1, maxLength: 40 }).map((records) =>
  records.map(({ nights, verdict, pinned }, index) => ({
    id: `s${index}`,
    time: new Date(start - nights * 86_400_000).toISOString(),
    app: "immich",
    verdict,
    pinned: pinned && index % 5 === 0,
  })),
);
const keep: fc.Arbitrary<Keep> = fc.record({
  last: fc.nat(3),
  daily: fc.nat(5),
  monthly: fc.integer({ min: 1, max: 3 }),
});
const calm = { now, lastRunBad: false };

const idsKept = (decisions: { id: string; keep: boolean }[]): string[] =>
  decisions.filter((decision) => decision.keep).map(({ id }) => id);
const newestOf = (snapshots: RetentionSnapshot[], verdict: Verdict): RetentionSnapshot | undefined =>
  snapshots
    .filter((each) => each.verdict === verdict)
    .sort((a, b) => (a.time === b.time ? (a.id < b.id ? -1 : 1) : a.time < b.time ? 1 : -1))[0];

describe("decideRetention", () => {
  it("decides on every snapshot once, each with a reason", () => {
    fc.assert(
      fc.property(history, keep, fc.boolean(), (snapshots, keep, lastRunBad) => {
        const decisions = decideRetention(snapshots, keep, { now, lastRunBad });
        expect(decisions.map(({ id }) => id).sort()).toEqual(snapshots.map(({ id }) => id).sort());
        for (const { reasons } of decisions) expect(reasons.length).toBeGreaterThan(0);
      }),
    );
  });

  it("never lets a snapshot that may not be whole take the place of a good one", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        const good = snapshots.filter(({ verdict }) => verdict === "good");
        const withOthers = idsKept(decideRetention(snapshots, keep, calm));
        const without = idsKept(decideRetention(good, keep, calm));
        expect(withOthers.filter((id) => good.some((each) => each.id === id))).toEqual(without);
      }),
    );
  });

  it("still thins the bad ones by the same policy", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        const bad = snapshots.filter(({ verdict }) => verdict === "partial" || verdict === "suspect");
        const allowed = applyKeep(bad, keep, now).filter((decision) => decision.keep).length;
        const left = idsKept(decideRetention(snapshots, keep, calm)).filter((id) =>
          bad.some((each) => each.id === id && !each.pinned),
        );
        expect(left.length).toBeLessThanOrEqual(allowed);
      }),
    );
  });

  it("keeps pinned snapshots, and says so", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        const decisions = decideRetention(snapshots, keep, calm);
        for (const { id } of snapshots.filter(({ pinned }) => pinned)) {
          const decision = decisions.find((each) => each.id === id);
          expect(decision).toMatchObject({ keep: true, reasons: expect.arrayContaining([reasonTexts.pinned]) });
        }
      }),
    );
  });

  it("keeps the newest good one; where none is good, the newest unproven one", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        const decisions = decideRetention(snapshots, keep, calm);
        const good = newestOf(snapshots, "good");
        const expected = good ?? newestOf(snapshots, "unproven");
        const reason = good === undefined ? reasonTexts.newestUnproven : reasonTexts.newestGood;
        const marked = decisions.filter(({ reasons }) => reasons.includes(reason));
        expect(marked).toMatchObject(expected === undefined ? [] : [{ id: expected.id, keep: true }]);
      }),
    );
  });

  it("counts a good one as the last although an unproven one is newer", () => {
    const good: RetentionSnapshot = { id: "g", time: "2024-01-01T00:00:00Z", app: "a", verdict: "good", pinned: false };
    const later: RetentionSnapshot = { ...good, id: "u", time: "2026-05-01T00:00:00Z", verdict: "unproven" };
    const decisions = decideRetention([good, later], { last: 1 }, calm);
    expect(decisions).toEqual([
      { id: "u", keep: true, reasons: ["last"] },
      { id: "g", keep: true, reasons: [reasonTexts.newestGood, "last"] },
    ]);
  });

  it("forgets nothing after a bad run, and says why on each", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        for (const { keep: stays, reasons } of decideRetention(snapshots, keep, { now, lastRunBad: true })) {
          expect(stays).toBe(true);
          expect(reasons).toContain(reasonTexts.lastRunBad);
        }
      }),
    );
  });

  it("forgets nothing while the clock is behind the newest snapshot", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        const newest = Math.max(...snapshots.map(({ time }) => Date.parse(time)));
        const behind = { now: new Date(newest - 1), lastRunBad: false };
        for (const { keep: stays, reasons } of decideRetention(snapshots, keep, behind)) {
          expect(stays).toBe(true);
          expect(reasons).toContain(reasonTexts.clockBehind);
        }
      }),
    );
  });

  it("gives the same answer whatever the order of the history", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        expect(decideRetention(snapshots.toReversed(), keep, calm)).toEqual(decideRetention(snapshots, keep, calm));
      }),
    );
  });

  it("makes only decisions that are safe to carry out", () => {
    fc.assert(
      fc.property(history, keep, (snapshots, keep) => {
        assertSafe(decideRetention(snapshots, keep, calm), snapshots, "nas");
      }),
    );
  });
});

describe("assertSafe", () => {
  const go = (id: string): { id: string; keep: boolean; reasons: string[] } => ({ id, keep: false, reasons: ["x"] });
  const one = (id: string, app: string, verdict: Verdict): RetentionSnapshot => ({
    id,
    app,
    verdict,
    time: "2026-05-01T00:00:00Z",
    pinned: false,
  });

  it("refuses a list that leaves one of several apps without a good snapshot", () => {
    const snapshots = [
      one("a1", "a", "good"),
      one("a2", "a", "good"),
      one("b1", "b", "good"),
      one("b2", "b", "partial"),
    ];
    expect(() => assertSafe([go("a1"), go("b1")], snapshots, "nas")).toThrow(
      expect.toSatisfy((error: unknown) => isFailure(error, "HF_FORGET_REFUSED")),
    );
    expect(() => assertSafe([go("a1"), go("b2")], snapshots, "nas")).not.toThrow();
  });

  it("does not count an unproven snapshot as good", () => {
    const snapshots = [one("a1", "a", "good"), one("a2", "a", "unproven")];
    expect(() => assertSafe([go("a1")], snapshots, "nas")).toThrow(/without a good one/);
  });

  it("refuses to leave an app without its only unproven snapshots where none is good", () => {
    expect(() => assertSafe([go("a1")], [one("a1", "a", "unproven")], "nas")).toThrow(/without a good one/);
  });

  it("lets the last of an app go that never had a good one", () => {
    expect(() => assertSafe([go("a1")], [one("a1", "a", "partial")], "nas")).not.toThrow();
  });
});
