import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, parseBytes, rateSchema } from "./bytes.ts";
import { cronSchema, fallsOn, longestGapMs, parseCron } from "./cron.ts";
import { durationSchema, parseDuration } from "./duration.ts";
import { appNameSchema, nameSchema } from "./name.ts";

describe("a duration", () => {
  it("is numbers with units, from large to small", () => {
    expect(["0", "0s", "90s", "5m", "1h30m", "2d", "1w", "250ms"].map(parseDuration)).toEqual([
      0, 0, 90_000, 300_000, 5_400_000, 172_800_000, 604_800_000, 250,
    ]);
    expect(["", "5", "m", "5 m", "-5m", "30m1h", "1.5h", "5min"].map(parseDuration)).toEqual(Array(8).fill(undefined));
    expect(durationSchema.parse(0)).toBe(0);
  });
});

describe("a size", () => {
  it("has a unit, binary or decimal", () => {
    expect(["512B", "64K", "64KiB", "64kB", "1.5 GiB", "2GB", "1T"].map(parseBytes)).toEqual([
      512, 65_536, 65_536, 64_000, 1_610_612_736, 2_000_000_000, 1_099_511_627_776,
    ]);
    expect(["", "12", "5m", "5 MiB/s", "1e3K", "-1K", "5XB"].map(parseBytes)).toEqual(Array(7).fill(undefined));
    expect(parseBytes("1MiB")).toBe(1_048_576);
  });

  it("as a rate is at least 1 KiB per second", () => {
    expect(["5MiB/s", "5 MiB /s", "500K", "1KiB/s"].map((text) => rateSchema.safeParse(text).data)).toEqual([
      5120, 5120, 500, 1,
    ]);
    expect(["0K", "500B", "500", "fast"].map((text) => rateSchema.safeParse(text).success)).toEqual(
      Array(4).fill(false),
    );
  });

  it("is written with one decimal, and never as 1024 of a unit", () => {
    expect([0, 812, 1023, 1024, 1_610_612_736, 1_048_575, 2 ** 50].map(formatBytes)).toEqual([
      "0 B",
      "812 B",
      "1023 B",
      "1.0 KiB",
      "1.5 GiB",
      "1.0 MiB",
      "1.0 PiB",
    ]);
  });

  it("can be read back within a twentieth of its unit", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (bytes) => {
        const back = parseBytes(formatBytes(bytes)) ?? Number.NaN;
        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(bytes * 0.06);
      }),
    );
  });
});

describe("a schedule", () => {
  it("is a cron line of five fields or a nickname for one", () => {
    expect(cronSchema.parse("  0   2 * *  * ")).toBe("0 2 * * *");
    expect(cronSchema.parse("@Weekly")).toBe("0 0 * * 0");
    for (const line of ["*/15 * * * *", "0 0,12 1-7 jan-mar mon", "5/20 3 * * SUN", "0 4 31 12 7"]) {
      expect(typeof parseCron(line)).toBe("object");
    }
    for (const line of [
      "",
      "0 2 * *",
      "60 * * * *",
      "* 24 * * *",
      "* * 0 * *",
      "* * * 13 *",
      "* * * * 8",
      "*/0 * * * *",
      "5-1 * * * *",
      "a * * * *",
      "@often",
      "0 2 * * * *",
      "1.5 * * * *",
      "*-5 * * * *",
      "1,,2 * * * *",
      "*/70 * * * *",
      // What croner reads, and no other cron.
      "0 2 L * *",
      "0 2 15W * *",
      "0 2 ? * *",
      "0 2 * * 5#2",
      "0 2 * * +1",
      "0 2 * * friday",
    ]) {
      expect(cronSchema.safeParse(line).success).toBe(false);
    }
  });

  it("falls on the days that its day fields allow", () => {
    const days = (line: string): number[] =>
      Array.from({ length: 30 }, (_, index) => index + 1).filter((day) => fallsOn(line, new Date(2026, 10, day, 12)));
    expect(days("0 3 * * 0")).toEqual([1, 8, 15, 22, 29]);
    expect(days("0 3 * * 7")).toEqual(days("0 3 * * sun"));
    expect(days("0 3 1 * *")).toEqual([1]);
    expect(days("0 3 1 12 *")).toEqual([]);
    // crontab(5): both day fields given means either of them.
    expect(days("0 3 10 * 0")).toEqual([1, 8, 10, 15, 22, 29]);
    expect(days("0 3 */10 * 0")).toEqual([1]);
  });

  it("leaves at most so much time between two runs", () => {
    const hours = (line: string): number => longestGapMs(line) / 3_600_000;
    expect(["0 * * * *", "0 2 * * *", "0 3 * * 0", "0 8,20 * * *", "0 6,20 * * *", "30 2 * * 1-5"].map(hours)).toEqual([
      1, 24, 168, 12, 14, 72,
    ]);
    expect(hours("0 3 1 * *")).toBe(31 * 24);
    expect(hours("0 3 31 * *")).toBe(61 * 24);
    expect(hours("0 3 29 2 *")).toBe((4 * 365 + 1) * 24);
    expect(hours("*/7 * * * *")).toBe(7 / 60);
    expect(longestGapMs("0 0 30 2 *")).toBe(Number.POSITIVE_INFINITY);
  });

  it("covers every minute of a day exactly once by stars", () => {
    const cron = parseCron("* * * * *");
    expect(typeof cron === "string" ? cron : cron.minutes).toEqual(Array.from({ length: 1440 }, (_, index) => index));
  });

  it("follows the hours only when its hour field allows all of them", () => {
    const follows = (line: string): unknown => {
      const cron = parseCron(line);
      return typeof cron === "string" ? cron : cron.everyHour;
    };
    expect(
      ["0 * * * *", "30 */1 * * mon", "5 0-23 * * *", "0 */2 * * *", "* 1-23 * * *", "0 2 * * *"].map(follows),
    ).toEqual([true, true, true, false, false, false]);
  });
});

describe("a name", () => {
  it("can become a tag and a folder's name", () => {
    for (const name of ["immich", "Home-Assistant", "a.b_c", "7"])
      expect(nameSchema.safeParse(name).success).toBe(true);
    for (const name of ["", ".", "..", "-x", "a b", "a/b", "a,b", "ä", "x".repeat(64), "a@b"])
      expect(nameSchema.safeParse(name).success).toBe(false);
    expect(appNameSchema.safeParse("immich@nas").success).toBe(true);
  });
});
