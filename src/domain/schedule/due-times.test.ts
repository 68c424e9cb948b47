import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certainCron } from "../atoms/cron.ts";
import { computedTimes, dueTimes } from "./due-times.ts";
import { wallTime } from "./local-time.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** All due times after `from`, up to and including `to`. */
function between(line: string, zone: string, from: string, to: string): string[] {
  const times = dueTimes(line, zone);
  const found: string[] = [];
  for (let at = times.next(Date.parse(from)); at !== undefined && at <= Date.parse(to); at = times.next(at)) {
    found.push(new Date(at).toISOString().slice(5, 16));
  }
  return found;
}

describe("when clocks are set forward", () => {
  it("runs a daily time that does not exist on that day the moment after", () => {
    // 29 March 2026: Berlin goes from 02:00 to 03:00, at 01:00 UTC.
    expect(between("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", "2026-03-31T00:00Z")).toEqual([
      "03-28T01:30",
      "03-29T01:00",
      "03-30T00:30",
    ]);
    // Those of which croner loses the time that does not exist.
    expect(between("30 2,14 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-30T00:00Z")).toEqual([
      "03-29T01:00",
      "03-29T12:30",
    ]);
    expect(between("*/15 2 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-30T00:10Z")).toEqual([
      "03-29T01:00",
      "03-30T00:00",
    ]);
    expect(between("0 */2 * * *", "Europe/Berlin", "2026-03-28T22:00Z", "2026-03-29T04:00Z")).toEqual([
      "03-28T23:00",
      "03-29T01:00",
      "03-29T02:00",
      "03-29T04:00",
    ]);
  });

  it("runs what is due at a midnight that does not exist", () => {
    // 6 September 2026: Santiago goes from 00:00 to 01:00, at 04:00 UTC.
    const [from, to] = ["2026-09-05T00:00Z", "2026-09-08T00:00Z"];
    for (const line of ["0 0 * * *", "0 0 6,7 9 *"]) {
      expect(between(line, "America/Santiago", from, to)).toEqual(
        line === "0 0 * * *" ? ["09-05T04:00", "09-06T04:00", "09-07T03:00"] : ["09-06T04:00", "09-07T03:00"],
      );
    }
    expect(between("0 0,12 * * *", "America/Santiago", "2026-09-06T00:00Z", "2026-09-07T00:00Z")).toEqual([
      "09-06T04:00",
      "09-06T15:00",
    ]);
  });

  it("knows half an hour, too", () => {
    // 4 October 2026: Lord Howe goes from 02:00 to 02:30, at 15:30 UTC of the day before.
    expect(between("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00Z", "2026-10-05T00:00Z")).toEqual([
      "10-02T15:45",
      "10-03T15:30",
      "10-04T15:15",
    ]);
  });

  it("runs once at the end of a day that a zone left out", () => {
    // Samoa had no 30 December 2011.
    expect(between("0 6,18 * * *", "Pacific/Apia", "2011-12-29T12:00Z", "2011-12-31T06:00Z")).toEqual([
      "12-29T16:00",
      "12-30T04:00",
      "12-30T10:00",
      "12-30T16:00",
      "12-31T04:00",
    ]);
  });
});

describe("when clocks are set back", () => {
  it("runs a daily time that comes twice the first time only", () => {
    // 25 October 2026: Berlin goes from 03:00 to 02:00, at 01:00 UTC.
    for (const line of ["30 2 * * *", "30 2,14 * * *", "30 */2 * * *"]) {
      expect(between(line, "Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T02:00Z")).toEqual(["10-25T00:30"]);
    }
    // 5 April 2026: Santiago goes from 00:00 back to 23:00 of the day before.
    expect(between("30 23 * * *", "America/Santiago", "2026-04-04T00:00Z", "2026-04-06T12:00Z")).toEqual([
      "04-04T02:30",
      "04-05T02:30",
      "04-06T03:30",
    ]);
    expect(between("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00Z", "2026-04-05T16:00Z")).toEqual([
      "04-04T14:45",
      "04-05T15:15",
    ]);
  });
});

describe("who looks for the first time while an hour comes the second time", () => {
  const latest = (line: string, at: string): string | undefined => {
    const found = computedTimes(line, "Europe/Berlin").latest(Date.parse(at));
    return found === undefined ? undefined : new Date(found).toISOString().slice(5, 16);
  };

  it("sees what was due when it came the first time, and does not see it again", () => {
    expect(latest("31 2 * * *", "2026-10-25T01:10Z")).toBe("10-25T00:31");
    expect(latest("32 2 * * *", "2026-10-25T01:40Z")).toBe("10-25T00:32");
    expect(between("33 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", "2026-10-26T02:00Z")).toEqual(["10-26T01:33"]);
    expect(latest("34 * * * *", "2026-10-25T01:10Z")).toBe("10-25T00:34");
    expect(latest("35 * * * *", "2026-10-25T01:40Z")).toBe("10-25T01:35");
    expect(between("36 * * * *", "Europe/Berlin", "2026-10-25T00:40Z", "2026-10-25T01:50Z")).toEqual(["10-25T01:36"]);
  });
});

describe("a line of every hour", () => {
  it("is due in each real hour, whatever the clock does", () => {
    expect(between("30 * * * *", "Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T03:00Z")).toEqual([
      "03-28T23:30",
      "03-29T00:30",
      "03-29T01:30",
      "03-29T02:30",
    ]);
    expect(between("30 * * * *", "Europe/Berlin", "2026-10-24T23:00Z", "2026-10-25T03:00Z")).toEqual([
      "10-24T23:30",
      "10-25T00:30",
      "10-25T01:30",
      "10-25T02:30",
    ]);
  });

  it("is due whenever the clock on the wall shows a time of it", () => {
    const seasons = [
      ["2026-03-28", "2026-03-30"],
      ["2026-04-04", "2026-04-06"],
      ["2026-09-05", "2026-09-07"],
      ["2026-10-03", "2026-10-05"],
      ["2026-10-24", "2026-10-26"],
    ] as const;
    for (const zone of ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]) {
      for (const line of ["*/20 * * * *", "15 * * * 0", "0 * 5,25 * *"]) {
        const cron = certainCron(line);
        const minutes = new Set(cron.minutes);
        const times = dueTimes(line, zone);
        const [shown, asked]: [number[], number[]] = [[], []];
        for (const [from, to] of seasons) {
          for (let at = Date.parse(from); at < Date.parse(to); at += 5 * minuteMs) {
            const wall = wallTime(zone, at);
            if (minutes.has((wall % dayMs) / minuteMs) && cron.fallsOn(wall)) shown.push(at);
            if (times.latest(at) === at) asked.push(at);
          }
        }
        expect(asked).toEqual(shown);
      }
    }
  });
});

describe("due times", () => {
  const zones = [
    "UTC",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
  ];
  const line = fc
    .tuple(
      fc.oneof(fc.nat(59).map(String), fc.constantFrom("*", "*/7", "0,30", "59")),
      fc.oneof(fc.nat(23).map(String), fc.constantFrom("*", "*/2", "0,2", "1-3", "23")),
      fc.constantFrom("*", "*", "*", "1", "*/2", "31"),
      fc.constantFrom("*", "*", "*", "3-4,9-10"),
      fc.constantFrom("*", "*", "0", "1-5"),
    )
    .map((fields) => fields.join(" "));
  const at = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 0, 1) });

  it("are the same whether one looks back or ahead", () => {
    fc.assert(
      fc.property(line, fc.constantFrom(...zones), at, (line, zone, at) => {
        const times = dueTimes(line, zone);
        const [latest = 0, next = 0] = [times.latest(at), times.next(at)];
        expect(latest).toBeLessThanOrEqual(at);
        expect(next).toBeGreaterThan(at);
        expect([times.next(latest), times.latest(next), times.latest(next - 1)]).toEqual([next, next, latest]);
      }),
      { numRuns: 400 },
    );
  });

  it("come as often as the wall clock's times, and as late as the clocks let them", () => {
    fc.assert(
      fc.property(line, fc.constantFrom(...zones), at, (line, zone, at) => {
        const cron = certainCron(line);
        fc.pre(!cron.everyHour);
        const due = dueTimes(line, zone).next(at) ?? 0;
        const wall = wallTime(zone, due);
        // Either the clock shows the time, or it has just jumped over it.
        const jumped = wall - (cron.latest(wall) ?? 0);
        const justBefore = wallTime(zone, due - 1000);
        expect(jumped === 0 || justBefore + 1000 <= (cron.latest(wall) ?? 0)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("are remembered rightly, in whichever order one asks", () => {
    const near = fc.integer({ min: -2000, max: 2000 }).map((minutes) => minutes * minuteMs);
    const changes = fc.constantFrom("2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-04-05T03:00Z", "2026-06-01T00:00Z");
    fc.assert(
      fc.property(line, fc.constantFrom(...zones), changes, fc.array(near), (line, zone, change, moments) => {
        const [remembered, computed] = [dueTimes(line, zone), computedTimes(line, zone)];
        for (const at of moments.map((moment) => Date.parse(change) + moment)) {
          expect([remembered.latest(at), remembered.next(at)]).toEqual([computed.latest(at), computed.next(at)]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are none for a day that never comes", () => {
    const times = dueTimes("0 0 30 2 *", "Europe/Berlin");
    expect([times.latest(Date.UTC(2026, 1, 1)), times.next(Date.UTC(2026, 1, 1))]).toEqual([undefined, undefined]);
  });
});
