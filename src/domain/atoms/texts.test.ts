import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blackoutSchema, blackoutText } from "./blackout.ts";
import { cronSchema } from "./cron.ts";
import { durationText, parseDuration } from "./duration.ts";
import { labelSchema } from "./name.ts";

describe("what is shown of a declaration can be declared again", () => {
  it("a duration", () => {
    expect([0, 90_000, 7_200_000, 5_400_000, 86_400_000 * 15 + 1].map(durationText)).toEqual([
      "0s",
      "1m30s",
      "2h",
      "1h30m",
      "2w1d1ms",
    ]);
    fc.assert(fc.property(fc.nat(10_000_000_000_000), (ms) => parseDuration(durationText(ms)) === ms));
  });

  it("a blackout window", () => {
    const window = fc.record({
      weekdays: fc
        .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
        .map((days) => days.sort((one, other) => one - other)),
      fromMinute: fc.integer({ min: 0, max: 1439 }),
      toMinute: fc.integer({ min: 0, max: 1440 }),
    });
    fc.assert(
      fc.property(
        window.filter(({ fromMinute, toMinute }) => fromMinute !== toMinute),
        (one) => {
          expect(blackoutSchema.parse(blackoutText(one))).toEqual(one);
        },
      ),
    );
  });
});

describe("the name of a destination or policy", () => {
  it("may have single spaces, and nothing that looks like another name", () => {
    const good = ["Backblaze B2", "a", "NAS.1_x-y", "1 2 3"];
    const bad = ["", " a", "a ", "a  b", "-a", "a/b", "a\tb", "Größe", "a\n", "x".repeat(64)];
    expect(good.filter((name) => !labelSchema.safeParse(name).success)).toEqual([]);
    expect(bad.filter((name) => labelSchema.safeParse(name).success)).toEqual([]);
  });
});

describe("a schedule", () => {
  it("is no name of JavaScript's own", () => {
    for (const name of ["__proto__", "constructor", "toString"]) expect(cronSchema.safeParse(name).success).toBe(false);
    expect(cronSchema.parse("@Daily")).toBe("0 0 * * *");
  });
});
