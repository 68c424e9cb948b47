import { describe, expect, it } from "vitest";
import { problem } from "../../base/errors/error.ts";
import type { AppReport, BackupReport, StoreReport } from "../../operations/backup/report.ts";
import type { RestoreReport } from "../../operations/restore/report.ts";
import type { RetainReport } from "../../operations/retain/report.ts";
import type { AppStatus, StatusReport } from "../../operations/status/status.ts";
import type { StartReport } from "../../operations/start/start.ts";
import { backupLines } from "./backup.ts";
import { doctorLines } from "./doctor.ts";
import type { Look } from "./look.ts";
import { asShown } from "./look.ts";
import { problemLines } from "./problems.ts";
import { restoreLines } from "./restore.ts";
import { retainLines } from "./retain.ts";
import { startLines } from "./start.ts";
import { statusLines } from "./status.ts";
import { widthOf } from "./text.ts";

const look: Look = { color: false, unicode: true, columns: 80 };
const now = new Date("2026-11-20T12:00:00Z");
const gib = 1024 ** 3;
const longName = "a-very-long-app-name-that-somebody-chose@a-long-device-name";
const unreachable = problem("HF_REPOSITORY_UNREACHABLE", {
  destination: "b2",
  location: "s3:s3.us-west-002.backblazeb2.com/homelab-backups-with-a-long-name",
  detail: "dial tcp: lookup s3.us-west-002.backblazeb2.com: no such host",
});

const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
const store = (destination: string, more: Partial<StoreReport> = {}): StoreReport => ({
  destination,
  status: "success",
  verdict: "good",
  snapshotId: "3fa9c1d2".repeat(8),
  durationMs: 1000,
  summary: {
    filesNew: 2,
    filesChanged: 1,
    filesUnmodified: 12_407,
    filesProcessed: 12_410,
    bytesProcessed: 8.1 * gib,
    dataAdded: 40 * 1024 ** 2,
    dataAddedPacked: 31.2 * 1024 ** 2,
  },
  ...more,
});
const app = (name: string, more: Partial<AppReport> = {}): AppReport => ({
  app: name,
  runId: "run",
  outcome: "success",
  dryRun: false,
  unchanged: false,
  followed: false,
  durationMs: 133_000,
  files: { count: 12_410, bytes: 8.1 * gib },
  dumps: [],
  stores: [store("nas"), store("b2")],
  problems: [],
  ...more,
});
const backup = (...apps: AppReport[]): BackupReport => ({
  outcome: apps.some(({ outcome }) => outcome === "failed") ? "failed" : "success",
  apps,
  retained: [],
  problems: [],
  durationMs: 250_000,
});
const failedApp = (name: string): AppReport =>
  app(name, {
    outcome: "failed",
    stores: [store("nas"), { destination: "b2", status: "failed", durationMs: 1, problem: unreachable }],
    problems: [unreachable],
  });

describe("the report of a backup", () => {
  it("has one line per app and ends with what happened, in words", () => {
    const lines = backupLines(look, backup(app("immich"), app("gitea", { unchanged: true })));
    expect(lines[1]).toMatch(/^✔ {2}immich +12,410 +8\.1 GiB +\+31\.2 MiB {2}nas, b2 +2 min 13 s$/);
    expect(lines[2]).toMatch(/^= {2}gitea +unchanged/);
    expect(lines.at(-1)).toBe(
      "✔ Both apps are backed up, in 4 min 10 s, 1 unchanged, 31.2 MiB added.".replace("31.2 MiB", "62.4 MiB"),
    );
  });

  it("names who failed in its last line, marks where, and says why once for all of them", () => {
    const lines = backupLines(look, backup(app("immich"), failedApp("gitea"), failedApp("paperless")));
    expect(lines.join("\n")).toContain("✖b2, nas");
    expect(lines.at(-1)).toBe("✖ gitea and paperless FAILED. 1 app is backed up. It took 4 min 10 s.");
    const text = lines.join(" ").replaceAll(/\s+/g, " ");
    expect(text.split("cannot be reached")).toHaveLength(2);
    expect(text).toContain("gitea and paperless: The destination b2");
  });

  it("does not call a dry run a backup", () => {
    const lines = backupLines(look, backup(app("immich", { dryRun: true })));
    const text = lines.join(" ").replaceAll(/\s+/g, " ");
    expect(text).toContain("✔ Dry run, nothing was written. A backup would store immich, adding about 31.2 MiB.");
    expect(text).not.toContain("backed up");
  });

  it("tells a cancelled run from a failed one", () => {
    const cancelled = {
      ...backup(app("immich", { outcome: "cancelled", problems: [problem("HF_CANCELLED", {})] })),
      outcome: "cancelled" as const,
    };
    const text = backupLines(look, cancelled).join("\n");
    expect(text).toContain("! Cancelled after 4 min 10 s");
    expect(text).not.toContain("✖");
  });

  it("fits 80 columns with long names and large figures", () => {
    const many = Array.from({ length: 5 }, (_, index) => store(`destination-with-long-name-${index}`));
    const wide = app(longName, {
      files: { count: 9_999_999, bytes: 1023.9 * 1024 ** 4 },
      durationMs: 86_399_000,
      stores: many,
    });
    for (const line of backupLines(look, backup(wide, failedApp(longName))))
      expect(widthOf(line)).toBeLessThanOrEqual(80);
  });
});

const standing = (name: string, hours: number | undefined, more: Partial<AppStatus> = {}): AppStatus => ({
  app: name,
  declared: true,
  late: hours === undefined,
  destinations: [
    { destination: "nas", snapshots: 24, ...(hours === undefined ? {} : { lastGoodAt: hoursAgo(hours) }) },
  ],
  ...(hours === undefined ? {} : { ageMs: hours * 3_600_000 }),
  ...more,
});
const status = (...apps: AppStatus[]): StatusReport => ({
  apps,
  destinations: [{ name: "nas", location: "/mnt/nas/backups", snapshots: 24, appendOnly: false }],
  daemons: [{ node: "nas", address: "http://127.0.0.1:8420", startedAt: hoursAgo(5) }],
  obligations: [],
  problems: [],
});

describe("status", () => {
  it("says in its first line that all is well", () => {
    const [first] = statusLines(look, status(standing("immich", 4), standing("gitea", 9)), now);
    expect(first).toBe("✔ You are safe: both apps have a good backup, the oldest is 9 h old.");
  });

  it("does not cry wolf about an app that is new and whose first night is to come", () => {
    const fresh = standing("new", undefined, { late: false });
    expect(statusLines(look, status(fresh), now)[0]).toBe(
      "! Nothing is backed up yet: new waits for its first backup.",
    );
    const both = statusLines(look, status(fresh, standing("immich", 4)), now)
      .slice(0, 2)
      .join(" ");
    expect(both.replaceAll(/ +/g, " ")).toContain(
      "! Safe so far: immich has a good backup, 4 h old; new waits for its",
    );
  });

  it("says in its first line who is not safe, and what to type", () => {
    const lines = statusLines(
      look,
      status(standing("immich", 4), standing("gitea", 90, { late: true }), standing("new", undefined)),
      now,
    );
    expect(lines[0]).toBe("✖ Not safe: new has no good backup, gitea is late. The other one is safe.");
    expect(lines.join("\n")).toMatch(/✖ {2}gitea .* 4 d .*holdfast backup gitea/);
    expect(lines.join("\n")).toMatch(/✖ {2}new +never/);
  });

  it("warns when a fresh backup is missing in one destination only", () => {
    const destinations = [
      { destination: "nas", snapshots: 3, lastGoodAt: hoursAgo(4) },
      { destination: "b2", snapshots: 3, lastGoodAt: hoursAgo(100) },
    ];
    const lines = statusLines(look, status(standing("immich", 100, { late: true, destinations })), now);
    expect(lines[0]).toMatch(/^! Safe, but look at immich/);
    expect(lines.join("\n")).toContain("b2: 4 d ago");
  });

  it("keeps its first line in sight with many apps: those that need somebody first, the others counted", () => {
    const many = Array.from({ length: 50 }, (_, index) => standing(`app-${index}`, index / 10));
    const lines = statusLines(look, status(...many, standing("zulip", undefined)), now);
    expect(lines.length).toBeLessThan(22);
    expect(lines[3]).toMatch(/✖ {2}zulip/);
    expect(lines.join("\n")).toContain("and 39 more");
    expect(statusLines(look, status(...many), now, true).join("\n")).toContain("app-7 ");
  });

  it("does not claim safety where nothing is declared", () => {
    expect(statusLines(look, status(), now)[0]).toBe("! Nothing is protected: no app is declared.");
  });

  it("fits 80 columns", () => {
    const failed = { outcome: "failed" as const, finishedAt: hoursAgo(1), problems: [unreachable] };
    const report = status(
      standing(longName, 1000, { late: true, lastRun: failed }),
      standing(`${longName}2`, undefined),
    );
    const [destination] = report.destinations;
    if (destination !== undefined) {
      destination.name = "a-destination-with-a-long-name";
      destination.location = `/mnt/${"deep/".repeat(30)}`;
    }
    for (const line of statusLines(look, report, now)) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });
});

const started: StartReport = {
  version: "0.1.0",
  paths: ["/etc"],
  defaulted: true,
  exclude: [],
  unreadable: 0,
  resticVersion: "0.19.1",
  resticPath: "/usr/bin/restic",
  resticFetched: false,
  repository: "/var/lib/holdfast/repository",
  report: app("etc", { stores: [store("local")] }),
  proof: {
    files: 12_410,
    bytes: 8.1 * gib,
    identical: true,
    changedSince: 0,
    restoredFiles: 12_500,
    durationMs: 900,
    differences: [],
  },
  snapshots: 1,
  durationMs: 2100,
  outcome: "success",
};

describe("the report of start", () => {
  it("tells what, where, the proof, and what to do next", () => {
    const text = startLines(look, started, { now, program: "bin/holdfast", once: true }).join("\n");
    expect(text).toContain("12,410 files, 8.1 GiB");
    expect(text).toContain("snapshot 3fa9c1d2, 31.2 MiB added, 1 snapshot there now");
    expect(text).toContain("every file is identical");
    expect(text).toContain("`npm start -- /srv/photos`");
    expect(text).toContain("✔ Backed up, and proven to restore, in 2.1 s.");
    expect(text).toContain("bin/holdfast recover --kit FILE");
  });

  it("fits 80 columns", () => {
    const wide = {
      ...started,
      paths: [`/srv/${"deep/".repeat(30)}`],
      repository: `/var/${"x/".repeat(60)}`,
      previous: { time: hoursAgo(3) },
    };
    for (const line of startLines(look, wide, { now, program: "bin/holdfast", once: true }))
      expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it("says what has changed since the last time", () => {
    const text = startLines(
      look,
      { ...started, previous: { time: hoursAgo(3) } },
      { now, program: "holdfast", once: true },
    ).join("\n");
    expect(text).toMatch(/Changed +2 new and 1 changed file, since .* \(3 h ago\)/);
  });

  it("never speaks of a proof when a file differs", () => {
    const proof = {
      files: 2,
      bytes: 2,
      identical: false,
      changedSince: 0,
      restoredFiles: 2,
      durationMs: 1,
      differences: ["/etc/hosts"],
    };
    const text = startLines(
      look,
      { ...started, proof, outcome: "failed" },
      { now, program: "holdfast", once: true },
    ).join("\n");
    expect(text).toContain("/etc/hosts");
    expect(text).toContain("did NOT work");
    expect(text).not.toContain("proven to restore");
  });
});

describe("retain", () => {
  const report: RetainReport = {
    destination: "nas",
    outcome: "success",
    dryRun: true,
    forgotten: 0,
    problems: [],
    snapshots: [
      {
        app: "immich",
        id: "a".repeat(64),
        time: hoursAgo(4),
        verdict: "good",
        keep: true,
        reasons: ["newest good", "last", "daily", "weekly", "monthly", "yearly", "oldest hourly"],
      },
      {
        app: "immich",
        id: "b".repeat(64),
        time: hoursAgo(400),
        verdict: "suspect",
        keep: false,
        reasons: ["no rule keeps it"],
      },
    ],
  };

  it("shows every reason in full, within 80 columns", () => {
    const lines = retainLines(look, [report]);
    expect(lines.join(" ").replaceAll(/\s+/g, " ")).toContain(
      "newest good, last, daily, weekly, monthly, yearly, oldest hourly",
    );
    expect(lines.join("\n")).toMatch(/forget {2}bbbbbbbb .* suspect, no rule keeps it/);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it("says that a dry run changed nothing", () => {
    expect(retainLines(look, [report]).at(-1)).toContain(
      "1 snapshot would be forgotten (dry run: nothing was changed), 1 stays.",
    );
  });
});

describe("restore", () => {
  const report: RestoreReport = {
    app: "immich",
    snapshotId: "c".repeat(64),
    time: hoursAgo(4),
    destination: "nas",
    verdict: "good",
    outcome: "success",
    target: `/tmp/${"deep/".repeat(30)}`,
    inPlace: false,
    files: { count: 3, bytes: 5 },
    verified: true,
    databases: [{ name: "immich", type: "postgres", rows: 120_000, durationMs: 61_000 }],
    problems: [],
    durationMs: 90_000,
  };

  it("tells files, verification, databases and rows, within 80 columns", () => {
    const lines = restoreLines(look, report);
    expect(lines.join("\n")).toContain("every file was compared");
    expect(lines.join("\n")).toMatch(/✔ {2}immich +postgres +120,000 +1 min 1 s/);
    expect(lines.at(-1)).toBe("✔ immich is restored, in 1 min 30 s.");
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it("does not claim success when it failed", () => {
    expect(restoreLines(look, { ...report, outcome: "failed" }).at(-1)).toContain("FAILED");
  });
});

it("doctor groups its checks, puts the advice below what failed, and counts", () => {
  const lines = doctorLines(look, {
    outcome: "failed",
    checks: [
      { area: "this machine", name: "restic", status: "ok", detail: "0.19.1" },
      {
        area: "databases",
        name: "immich",
        status: "failed",
        detail: `refused ${"x".repeat(100)}`,
        hint: "Check the password.",
      },
    ],
  });
  expect(lines).toContain("this machine");
  expect(lines.findIndex((line) => line.includes("Check the password."))).toBeGreaterThan(
    lines.findIndex((line) => line.includes("refused")),
  );
  expect(lines.at(-1)).toBe("✖ 1 of 2 checks failed: tonight's backup would not be whole.");
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
});

it("a problem with another program's output stays on its lines and moves no cursor", () => {
  const found = problem("HF_DUMP_FAILED", { database: "immich", detail: "pg_dump: error\n\u001b[2Jconnection lost" });
  const lines = problemLines(look, [{ about: "immich", problem: found }]);
  expect(lines.join("")).not.toContain("\u001b");
  expect(lines[0]).toBe("✖ The dump of immich failed: pg_dump: error \\x1b[2Jconnection lost");
});

it("reports use nothing beyond ASCII where that would not be shown", () => {
  const plain = { ...look, unicode: false };
  const lines = [
    ...backupLines(plain, backup(app("immich"), failedApp("gitea"), app("x", { unchanged: true }))),
    ...statusLines(plain, status(standing("immich", 4), standing("new", undefined)), now),
    ...startLines(plain, started, { now, program: "holdfast", once: true }),
  ];
  for (const line of lines) expect(asShown(plain, line)).toMatch(/^[\u0020-\u007e]*$/);
});
