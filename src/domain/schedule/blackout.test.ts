import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Blackout } from "../app.ts";
import { blackoutSchema } from "../atoms/blackout.ts";
import { blackoutEnds, inBlackout, longestBlackoutMs } from "./blackout.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const windows = (...texts: string[]): Blackout[] => texts.map((text) => blackoutSchema.parse(text));
const ends = (texts: string[], at: string, zone = "Europe/Berlin"): string | undefined =>
  blackoutEnds(windows(...texts), zone, new Date(at))
    ?.toISOString()
    .slice(5, 16);

describe("a blackout", () => {
  it("is meant in the policy's zone, and may go over midnight", () => {
    const dark = (text: string, at: string): boolean => inBlackout(windows(text), "Europe/Berlin", new Date(at));
    // 22 November 2026 is a Sunday; Berlin is an hour ahead of UTC.
    expect(["T20:59Z", "T21:00Z", "T23:30Z"].map((time) => dark("22:00-06:00", `2026-11-22${time}`))).toEqual([
      false,
      true,
      true,
    ]);
    expect(["T04:59Z", "T05:00Z"].map((time) => dark("Sun 22:00-06:00", `2026-11-23${time}`))).toEqual([true, false]);
    expect(dark("Sun 22:00-06:00", "2026-11-22T04:00Z")).toBe(false);
    expect(dark("Sat,Sun 00:00-24:00", "2026-11-22T22:59Z")).toBe(true);
    expect(dark("Sat,Sun 00:00-24:00", "2026-11-22T23:00Z")).toBe(false);
  });

  it("ends where none of the windows goes on", () => {
    expect(ends([], "2026-11-22T21:00Z")).toBe("11-22T21:00");
    expect(ends(["22:00-06:00"], "2026-11-22T21:00Z")).toBe("11-23T05:00");
    expect(ends(["22:00-06:00", "05:00-07:30"], "2026-11-22T21:00Z")).toBe("11-23T06:30");
    expect(ends(["00:00-24:00"], "2026-11-22T21:00Z")).toBe(undefined);
  });

  it("ends right over a change of the clocks", () => {
    expect(ends(["01:00-02:30"], "2026-03-29T00:10Z")).toBe("03-29T01:00");
    expect(ends(["01:00-05:00"], "2026-03-29T00:10Z")).toBe("03-29T03:00");
    expect(ends(["01:00-02:30"], "2026-10-24T23:10Z")).toBe("10-25T00:30");
    // The clock shows 02:10 for the second time.
    expect(ends(["01:00-02:30"], "2026-10-25T01:10Z")).toBe("10-25T01:30");
  });

  it("has no light before its end and none of it after, in every minute", () => {
    const window = fc
      .record({
        weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
        fromMinute: fc.nat(1439),
        toMinute: fc.nat(1440),
      })
      .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute);
    const at = fc.integer({ min: Date.UTC(2026, 2, 27) / minuteMs, max: Date.UTC(2026, 3, 7) / minuteMs });
    fc.assert(
      fc.property(
        fc.array(window, { maxLength: 3 }),
        fc.constantFrom("UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"),
        fc.oneof(
          at,
          at.map((minutes) => minutes + 212 * 24 * 60),
        ),
        (blackout, zone, minute) => {
          const end = blackoutEnds(blackout, zone, new Date(minute * minuteMs));
          const last = end === undefined ? minute + 8 * 24 * 60 : end.getTime() / minuteMs;
          for (let now = minute; now < last; now++) {
            expect(inBlackout(blackout, zone, new Date(now * minuteMs))).toBe(true);
          }
          expect(end === undefined || !inBlackout(blackout, zone, end)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("lasts as long as its windows touch", () => {
    const hours = (...texts: string[]): number => longestBlackoutMs(windows(...texts)) / hourMs;
    expect(hours()).toBe(0);
    expect(hours("22:00-06:00", "Mon 06:00-07:00")).toBe(9);
    expect(hours("Sat,Sun 00:00-24:00", "Mon 00:00-01:00")).toBe(49);
    expect(hours("00:00-24:00")).toBe(Number.POSITIVE_INFINITY);
  });
});
