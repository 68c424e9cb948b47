import { describe, expect, it } from "vitest";
import { applyKeep } from "./apply-keep.ts";

const now = new Date("2026-03-10T12:00:00Z");
const snapshots = (...times: string[]): { id: string; time: string }[] => times.map((time) => ({ id: time, time }));
const kept = (decisions: { id: string; keep: boolean }[]): string[] =>
  decisions.filter(({ keep }) => keep).map(({ id }) => id);

describe("applyKeep", () => {
  it("counts days in the offset that was stored with each snapshot", () => {
    const history = snapshots("2026-03-09T23:30:00+05:30", "2026-03-09T20:30:00Z", "2026-03-10T00:30:00+05:30");
    expect(kept(applyKeep(history, { daily: 2 }, now))).toEqual(["2026-03-09T20:30:00Z", "2026-03-10T00:30:00+05:30"]);
  });

  it("keeps the oldest where a rule is not yet full, and says so", () => {
    const history = snapshots("2026-03-09T10:00:00Z", "2026-03-09T09:00:00Z", "2026-03-09T08:00:00Z");
    expect(applyKeep(history, { daily: 3 }, now)).toEqual([
      { id: "2026-03-09T10:00:00Z", keep: true, reasons: ["daily"] },
      { id: "2026-03-09T09:00:00Z", keep: false, reasons: ["no rule keeps it"] },
      { id: "2026-03-09T08:00:00Z", keep: true, reasons: ["oldest daily"] },
    ]);
  });

  it("measures `within` from the newest snapshot that is not in the future", () => {
    const history = snapshots(
      "2026-04-01T00:00:00Z",
      "2026-03-01T00:00:00Z",
      "2026-02-27T00:00:01Z",
      "2026-02-26T00:00:00Z",
    );
    expect(kept(applyKeep(history, { within: "2d" }, now))).toEqual([
      "2026-04-01T00:00:00Z",
      "2026-03-01T00:00:00Z",
      "2026-02-27T00:00:01Z",
    ]);
  });

  it("lets a day that a month lacks run over into the next month", () => {
    const history = snapshots("2026-03-31T00:00:00Z", "2026-03-03T00:00:01Z", "2026-03-02T23:59:59Z");
    const later = new Date("2026-04-02T00:00:00Z");
    expect(kept(applyKeep(history, { within: "1m" }, later))).toEqual(["2026-03-31T00:00:00Z", "2026-03-03T00:00:01Z"]);
  });

  it("goes back on the calendar of the newest snapshot's own offset", () => {
    const history = snapshots("2026-03-01T00:30:00+05:30", "2026-02-01T00:30:01+05:30", "2026-01-31T19:00:00Z");
    expect(kept(applyKeep(history, { within: "1m" }, now))).toEqual([
      "2026-03-01T00:30:00+05:30",
      "2026-02-01T00:30:01+05:30",
    ]);
  });

  it("keeps everything for a span longer than the calendar", () => {
    const history = snapshots("2026-03-01T00:00:00Z", "1999-03-01T00:00:00Z");
    expect(kept(applyKeep(history, { within: "999999y" }, now))).toHaveLength(2);
  });

  it("tells times apart by a nanosecond", () => {
    const history = snapshots("2026-03-01T00:00:00.000000001Z", "2026-03-01T00:00:00.000000002Z");
    expect(kept(applyKeep(history, { last: 1 }, now))).toEqual(["2026-03-01T00:00:00.000000002Z"]);
  });

  it("keeps everything when the policy has no rule", () => {
    expect(applyKeep(snapshots("2026-03-01T00:00:00Z"), { daily: 0 }, now)).toEqual([
      { id: "2026-03-01T00:00:00Z", keep: true, reasons: ["the policy has no rule"] },
    ]);
  });

  it("refuses a time without an offset", () => {
    expect(() => applyKeep(snapshots("2026-03-01T00:00:00"), { last: 1 }, now)).toThrow(RangeError);
  });
});
