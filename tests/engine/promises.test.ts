import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { SnapshotRecord } from "../../src/domain/snapshot.ts";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RetainReport } from "../../src/operations/retain/report.ts";
import { binaries } from "../support/binaries.ts";
import { homelab, type Homelab } from "./homelab.ts";

const password = "a password of the tests";

describe("what no snapshot holds is never lost", () => {
  it("a restore of the files alone leaves the live database where it is", async () => {
    const lab = homelab();
    const data = withDatabase(lab);
    await lab.json(["backup"]);
    writeRow(join(data, "app.db"), "after the backup");
    writeFileSync(join(data, "file"), "changed");
    await lab.json(["restore", "app", "--in-place", "--files", "--yes"]);
    expect(readFileSync(join(data, "file"), "utf8")).toBe("first");
    expect(rowsOf(join(data, "app.db"))).toEqual(["before", "after the backup"]);
    // The whole app brings the database back too; a fresh folder holds it at its place.
    await lab.json(["restore", "app", "--in-place", "--yes"]);
    expect(rowsOf(join(data, "app.db"))).toEqual(["before"]);
    const target = join(lab.folder, "fresh");
    await lab.json(["restore", "app", "--target", target]);
    expect(rowsOf(join(target, data, "app.db"))).toEqual(["before"]);
  });

  it("what is excluded today, or lies in a folder that the snapshot lacks, stays in place", async () => {
    const lab = homelab();
    const data = declareOne(lab, { exclude: ["**/cache"] });
    await lab.json(["backup"]);
    mkdirSync(join(data, "later", "cache"), { recursive: true });
    writeFileSync(join(data, "later", "cache", "thumb"), "dear all the same");
    mkdirSync(join(data, "media"));
    writeFileSync(join(data, "media", "film"), "elsewhere backed up");
    declareOne(lab, { exclude: ["**/cache", join(data, "media")] });
    await lab.json(["restore", "app", "--in-place", "--yes"]);
    expect(readFileSync(join(data, "later", "cache", "thumb"), "utf8")).toBe("dear all the same");
    expect(readFileSync(join(data, "media", "film"), "utf8")).toBe("elsewhere backed up");
  });
});

describe("what Holdfast adds to a snapshot", () => {
  it("stays in it whatever people exclude", async () => {
    const lab = homelab();
    withDatabase(lab, { exclude: [".*", "*.sqlite", "**/databases/**", "capture.json", "**/staging"] });
    await lab.json(["backup"]);
    const held = resticOut(lab, "ls", "latest");
    const staging = join(lab.home, "staging", "app", ".holdfast");
    expect(held).toContain(join(staging, "capture.json"));
    expect(held).toContain(join(staging, "databases", "app.db.sqlite"));
  });
});

describe("the master key", () => {
  it("is in no snapshot, wherever it lies", async () => {
    const lab = homelab();
    const data = declareOne(lab);
    const secrets = join(data, "secrets");
    mkdirSync(secrets);
    renameSync(data, `${data}-real`);
    symlinkSync(`${data}-real`, data);
    writeFileSync(join(secrets, "password"), "a master password of the tests");
    const environment = { HOLDFAST_MASTER_PASSWORD_FILE: join(secrets, "password") };
    const env = { ...environment, HOLDFAST_MASTER_KEY_FILE: join(secrets, "master.key") };
    await lab.json(["backup"], 0, { env });
    const held = resticOut(lab, "ls", "latest");
    expect(held).toContain(join(`${data}-real`, "file"));
    expect(held).not.toMatch(/master\.key|secrets\/password/);
  });

  it("nor its folder is taken when it is named", async () => {
    const lab = homelab();
    declareOne(lab);
    await lab.json(["backup"]);
    symlinkSync(lab.home, join(lab.folder, "link"));
    for (const path of [join(lab.home, "keys"), lab.home, join(lab.folder, "link", "keys", "master.key")]) {
      declareOne(lab, { paths: [path] });
      const { stdout } = await lab.run(["plan", "--json"]);
      expect(stdout, path).toContain("HF_SOURCE_REFUSED");
      expect((await lab.run(["backup"])).code, path).not.toBe(0);
    }
  });
});

describe("a repository that several machines share", () => {
  it("is thinned of this machine's snapshots alone", async () => {
    const lab = homelab();
    const data = declareOne(lab, {}, { last: 1 });
    await lab.json(["backup"]);
    for (const host of ["another", "another"]) {
      resticOut(lab, "backup", "--host", host, "--tag", "holdfast", "--tag", "app:app", data);
    }
    writeFileSync(join(data, "file"), "second");
    const report = await lab.json<BackupReport>(["backup"]);
    expect(report.retained[0]?.forgotten).toBe(1);
    const left = JSON.parse(resticOut(lab, "snapshots", "--json")) as { hostname: string }[];
    expect(left.map((one) => one.hostname).sort()).toEqual(["another", "another", hostname()].sort());
  });
});

describe("a backup", () => {
  it("to a destination that is not declared is refused, not passed over", async () => {
    const lab = homelab();
    declareOne(lab);
    const outcome = await lab.run(["backup", "--destination", "naer"]);
    expect(outcome.code).toBe(5);
    expect(outcome.stderr + outcome.stdout).toContain("naer");
  });

  it("notices another repository in the place of the known one, also with the same password", async () => {
    const lab = homelab();
    declareOne(lab);
    await lab.json(["backup"]);
    const other = homelab();
    declareOne(other);
    await other.json(["backup"]);
    rmSync(join(lab.folder, "repository"), { recursive: true });
    renameSync(join(other.folder, "repository"), join(lab.folder, "repository"));
    const report = await lab.json<BackupReport>(["backup"], 1);
    expect(report.apps[0]?.problems.map((found) => found.code)).toEqual(["HF_REPOSITORY_EXCHANGED"]);
  });

  it("that is rehearsed writes nothing at all", async () => {
    const lab = homelab();
    declareOne(lab);
    for (const args of [["backup", "--dry-run"], ["plan"], ["doctor"], ["status"], ["retain", "--dry-run"]]) {
      await lab.run(args);
      expect(existsSync(lab.home), args.join(" ")).toBe(false);
    }
    expect(existsSync(join(lab.folder, "repository"))).toBe(false);
    await lab.json(["backup"]);
    const before = stateOf(lab);
    await lab.json(["backup", "--dry-run"]);
    await lab.json(["retain", "--dry-run"]);
    expect(stateOf(lab)).toEqual(before);
  });

  it("of an app without changes stores nothing when it is scheduled, and says which snapshot is current", async () => {
    const lab = homelab();
    const data = declareOne(lab, {}, { last: 1 });
    const first = await lab.json<BackupReport>(["backup"]);
    const stored = first.apps[0]?.stores[0]?.snapshotId;
    const second = await lab.json<BackupReport>(["backup", "--scheduled"]);
    expect(second.apps[0]).toMatchObject({ outcome: "success", unchanged: true });
    expect(second.apps[0]?.stores[0]).toMatchObject({ status: "unchanged", snapshotId: stored });
    // The record of that night stands for nothing by itself: pinning finds the snapshot.
    await lab.run(["list", "--pin", stored ?? ""]);
    writeFileSync(join(data, "file"), "changed");
    const third = await lab.json<BackupReport>(["backup", "--scheduled"]);
    expect(third.apps[0]?.unchanged).toBe(false);
    const kept = await lab.json<{ reports: RetainReport[] }>(["retain"]);
    expect(kept.reports[0]?.snapshots.find((one) => one.id === stored)?.reasons).toEqual(["pinned"]);
    expect((await lab.json<{ snapshots: SnapshotRecord[] }>(["list"])).snapshots).toHaveLength(2);
    // A person's wish is stored always.
    expect((await lab.json<BackupReport>(["backup"])).apps[0]?.unchanged).toBe(false);
  });
});

describe("the recovery kit", () => {
  it("opens the repository with restic alone, and replaces no other file", async () => {
    const lab = homelab();
    declareOne(lab, {}, { last: 3 }, {});
    await lab.json(["backup"]);
    const kit = join(lab.folder, "kit.json");
    await lab.json(["recover", "--kit", kit]);
    const { destinations } = JSON.parse(readFileSync(kit, "utf8")) as {
      destinations: { repository: string; password: string }[];
    };
    const [one] = destinations;
    const env = { HOME: lab.folder, RESTIC_REPOSITORY: one?.repository ?? "", RESTIC_PASSWORD: one?.password ?? "" };
    expect(execFileSync(binaries.restic.sid, ["snapshots"], { encoding: "utf8", env })).toContain("app:app");
    const again = await lab.run(["recover", "--kit", kit]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("is there already");
  });
});

function declareOne(
  lab: Homelab,
  more: object = {},
  keep: object = { last: 3 },
  destination: object = { password },
): string {
  const data = join(lab.folder, "data");
  mkdirSync(data, { recursive: true });
  if (!existsSync(join(data, "file"))) writeFileSync(join(data, "file"), "first");
  lab.declare({
    destinations: { near: { type: "local", path: join(lab.folder, "repository"), ...destination } },
    policies: { default: { keep } },
    apps: { app: { paths: [data], ...more } },
  });
  return data;
}

function withDatabase(lab: Homelab, more: object = {}): string {
  const path = join(lab.folder, "data", "app.db");
  const data = declareOne(lab, { databases: [{ type: "sqlite", path }], ...more });
  writeRow(path, "before");
  return data;
}

function writeRow(path: string, text: string): void {
  const db = new Sqlite(path);
  db.exec("CREATE TABLE IF NOT EXISTS t (v TEXT)");
  db.prepare("INSERT INTO t VALUES (?)").run(text);
  db.close();
}

function rowsOf(path: string): unknown[] {
  const db = new Sqlite(path, { readonly: true });
  try {
    return db.prepare("SELECT v FROM t ORDER BY rowid").pluck().all();
  } finally {
    db.close();
  }
}

function resticOut(lab: Homelab, ...args: string[]): string {
  const env = { HOME: lab.folder, RESTIC_REPOSITORY: join(lab.folder, "repository"), RESTIC_PASSWORD: password };
  return execFileSync(binaries.restic.sid, args, { encoding: "utf8", env });
}

/** How many rows each table of the state has. */
function stateOf(lab: Homelab): unknown[] {
  const db = new Sqlite(join(lab.home, "state.db"), { readonly: true });
  try {
    const tables = ["runs", "events", "snapshots", "destinations", "dumps", "turns", "secrets"];
    return tables.map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  } finally {
    db.close();
  }
}
