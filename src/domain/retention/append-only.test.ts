import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Keep } from "../atoms/keep.ts";
import type { Verdict } from "../snapshot.ts";
import { assertSafe, decideRetention, reasonTexts, type RetentionSnapshot } from "./decide.ts";

const now = new Date("2026-06-01T12:00:00Z");
const night = 86_400_000;

const own: fc.Arbitrary<RetentionSnapshot[]> = fc
  .uniqueArray(fc.nat(300), { minLength: 1, maxLength: 40 })
  .map((nights) =>
    nights.map((age) => ({
      id: `own-${age}`,
      time: new Date(now.getTime() - age * night - 3_600_000).toISOString(),
      app: "immich",
      verdict: "good",
      pinned: false,
      own: true,
    })),
  );
/** As an attacker may put them there: any time, also to come, and any tag. */
const forged: fc.Arbitrary<RetentionSnapshot[]> = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: -400 * 1440, max: 400 * 1440 }),
      verdict: fc.constantFrom<Verdict>("good", "unproven", "partial", "suspect"),
    }),
    { maxLength: 60 },
  )
  .map((all) =>
    all.map(({ minutes, verdict }, index) => ({
      id: `forged-${index}`,
      time: new Date(now.getTime() + minutes * 60_000).toISOString(),
      app: "immich",
      verdict,
      pinned: false,
      own: false,
    })),
  );
const keep: fc.Arbitrary<Keep> = fc.record({
  last: fc.nat(3),
  daily: fc.nat(7),
  weekly: fc.nat(4),
  monthly: fc.integer({ min: 1, max: 6 }),
});

const decide = (history: RetentionSnapshot[], rule: Keep) =>
  decideRetention(history, rule, { now, lastRunBad: false, onlyOwn: true });

describe("retention in an append-only destination", () => {
  it("decides over our own snapshots as if the forged ones were not there", () => {
    fc.assert(
      fc.property(own, forged, keep, (ours, theirs, rule) => {
        const alone = decide(ours, rule);
        const among = decide([...theirs, ...ours], rule).filter(({ id }) => id.startsWith("own-"));
        expect(among).toEqual(alone);
      }),
    );
  });

  it("keeps what it did not see being stored, and says so", () => {
    fc.assert(
      fc.property(own, forged, keep, (ours, theirs, rule) => {
        const decisions = decide([...theirs, ...ours], rule);
        for (const { id, keep: stays, reasons } of decisions.filter((one) => one.id.startsWith("forged-"))) {
          expect(stays).toBe(true);
          expect(reasons, id).toContain(reasonTexts.notOwn);
        }
        expect(() => assertSafe(decisions, [...theirs, ...ours], "vault")).not.toThrow();
      }),
    );
  });

  it("still thins while somebody else's snapshot lies in the future", () => {
    const ours = [1, 2, 3].map((age): RetentionSnapshot => ({
      id: `own-${age}`,
      time: new Date(now.getTime() - age * night).toISOString(),
      app: "immich",
      verdict: "good",
      pinned: false,
      own: true,
    }));
    const future: RetentionSnapshot = {
      id: "forged",
      time: "2030-01-01T00:00:00Z",
      app: "immich",
      verdict: "unproven",
      pinned: false,
    };
    expect(decide([future, ...ours], { last: 1 }).map((one) => [one.id, one.keep])).toEqual([
      ["forged", true],
      ["own-1", true],
      ["own-2", false],
      ["own-3", false],
    ]);
  });
});
