import { describe, expect, it } from "vitest";
import { problem } from "../base/errors/error.ts";
import { notificationKinds } from "./notification.ts";
import { ofAlarm, ofAlarmOver, ofEnd, ofStart, wantedBy, type Told } from "./notification-rules.ts";
import type { Outcome, RunKind } from "./run-state.ts";

const happening = { id: "1", at: "2026-11-20T02:00:00.000Z", device: "box", app: "immich", runId: "run" };
const end = (kind: RunKind, outcome: Outcome, afterFailure = false): Told =>
  ofEnd(happening, { kind, outcome, durationMs: 1000, problems: [], stored: [] }, afterFailure);
const kinds = (told: Told): string[] => told.map(({ kind }) => kind);

describe("what a run is told as", () => {
  it("is its outcome, and `recovered` when the one before it had failed", () => {
    expect(kinds(end("backup", "success"))).toEqual(["success"]);
    expect(kinds(end("backup", "success", true))).toEqual(["recovered", "success"]);
    expect(kinds(end("backup", "warning", true))).toEqual(["warning"]);
    expect(kinds(end("backup", "failed", true))).toEqual(["failure"]);
    expect(end("backup", "cancelled")).toMatchObject([{ kind: "warning", outcome: "cancelled", run: "backup" }]);
  });

  it("is upkeep when it went well, and alarming for everybody when it did not", () => {
    for (const kind of ["retain", "prune", "check"] as const) {
      expect(kinds(end(kind, "success"))).toEqual(["maintenance"]);
      expect(kinds(end(kind, "failed"))).toEqual(["failure", "maintenance"]);
      expect(kinds(end(kind, "warning"))).toEqual(["warning", "maintenance"]);
    }
  });

  it("is a start only of backups", () => {
    expect(kinds(ofStart(happening, "backup"))).toEqual(["started"]);
    expect(ofStart(happening, "restore")).toEqual([]);
    expect(ofStart(happening, "prune")).toEqual([]);
  });
});

describe("an alarm", () => {
  it("is told once as stale and once as recovered, with what it said", () => {
    const found = problem("HF_PATH_MISSING", { app: "immich", path: "/srv" });
    expect(ofAlarm(happening, ["nas", "b2"], [found, found])).toMatchObject([
      {
        kind: "stale",
        title: "immich: no fresh backup in nas and b2",
        what: "/srv of immich does not exist.\n/srv of immich does not exist.",
      },
    ]);
    expect(ofAlarmOver(happening, ["nas"], [found], 3 * 3_600_000)).toMatchObject([
      {
        kind: "recovered",
        title: "immich: fresh again in nas",
        what: "The alarm about immich is over, after 3 h.",
        why: "It said: /srv of immich does not exist.",
      },
    ]);
  });
});

describe("a notifier", () => {
  const usual = ["warning", "failure"] as const;
  const recovered = end("backup", "success", true);
  const failed = end("backup", "failed");

  it("gets the most telling kind that it wants, and never two", () => {
    expect(wantedBy({ enabled: true, on: ["recovered", "success"] }, usual, recovered)?.kind).toBe("recovered");
    expect(wantedBy({ enabled: true, on: ["success"] }, usual, recovered)?.kind).toBe("success");
    expect(wantedBy({ enabled: true, on: [] }, [...notificationKinds], recovered)).toBeUndefined();
  });

  it("gets what its kind usually wants when its declaration does not say", () => {
    expect(wantedBy({ enabled: true }, usual, recovered)).toBeUndefined();
    expect(wantedBy({ enabled: true }, usual, failed)?.kind).toBe("failure");
  });

  it("of some apps hears of no other, and nothing that is about none", () => {
    expect(wantedBy({ enabled: true, apps: ["immich"] }, usual, failed)?.kind).toBe("failure");
    expect(wantedBy({ enabled: true, apps: ["paperless"] }, usual, failed)).toBeUndefined();
    const { app: _, ...about } = happening;
    const prune = { kind: "prune", outcome: "failed", durationMs: 1, problems: [], stored: [] } as const;
    expect(wantedBy({ enabled: true, apps: ["immich"] }, usual, ofEnd(about, prune, false))).toBeUndefined();
  });

  it("that is disabled gets nothing", () => {
    expect(wantedBy({ enabled: false }, usual, failed)).toBeUndefined();
  });
});
