import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "vitest";
import type { Capture } from "../../src/domain/capture.ts";
import type { Homelab } from "../engine/homelab.ts";
import { locksIn, restic } from "./restic.ts";

/** Nothing is left of an interrupted run: no process, no lock, no passing file, no obligation, no open run. */
export function expectNothingLeft(lab: Homelab, repositories: string[]): void {
  expect(processesOf(lab), "processes").toEqual([]);
  expect(leftovers(lab.folder), "folders of restores").toEqual([]);
  expect(namesIn(join(lab.home, "scratch")), "scratch").toEqual([]);
  expect(duties(lab), "obligations").toEqual([]);
  expect(openIn(lab), "open runs and records").toEqual([]);
  for (const repository of repositories.filter((path) => existsSync(join(path, "config")))) {
    expect(locksIn(repository), `locks in ${repository}`).toEqual([]);
  }
}

/** The command lines of what Holdfast started in this homelab and still runs, among these processes. */
export function processesOf(lab: Homelab, among: string[] = readdirSync("/proc")): string[] {
  return among
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environment = readProc(pid, "environ").split("\0");
      return (
        environment.includes(`HOME=${lab.home}`) && environment.some((entry) => entry.startsWith("HOLDFAST_OWNER="))
      );
    })
    .map((pid) => readProc(pid, "cmdline").replaceAll("\0", " "));
}

function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

function leftovers(folder: string): string[] {
  return find(folder, ["-name", ".holdfast-restore-*"]);
}

/** Node's own recursive listing stops at names that are no UTF-8. */
function find(folder: string, tests: string[]): string[] {
  return execFileSync("find", [folder, ...tests], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The kinds of the obligations on disk. */
export function duties(lab: Homelab): string[] {
  return obligations(lab).map((obligation) => obligation.duty.kind);
}

export function obligations(lab: Homelab): { duty: { kind: string } }[] {
  const journal = join(lab.home, "journal");
  return namesIn(journal).flatMap((node) =>
    readdirSync(join(journal, node))
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(join(journal, node, name), "utf8")) as { duty: { kind: string } }),
  );
}

/** One line of the state's table of snapshots. */
export interface StateRow {
  destination: string;
  status: string;
  verdict: string | null;
  restic_id: string | null;
  run_id: string;
  paths: string;
  forgotten_at: string | null;
}

export function recordsOf(lab: Homelab): StateRow[] {
  return query<StateRow>(lab, "SELECT * FROM snapshots ORDER BY started_at");
}

function openIn(lab: Homelab): unknown[] {
  return [
    ...query(lab, "SELECT kind, state FROM runs WHERE state IN ('queued', 'running')"),
    ...query(lab, "SELECT app, status FROM snapshots WHERE status = 'in_progress'"),
  ];
}

function query<Row>(lab: Homelab, sql: string): Row[] {
  const path = join(lab.home, "state.db");
  if (!existsSync(path)) return [];
  const state = new Sqlite(path, { readonly: true, timeout: 10_000 });
  try {
    return state.prepare<[], Row>(sql).all();
  } finally {
    state.close();
  }
}

/** Restores a snapshot with plain restic and looks at it: its capture.json says that it is complete. */
export async function examine(
  lab: Homelab,
  repository: string,
  snapshot: { restic_id: string | null },
  look: (folder: string, capture: Capture) => Promise<void> | void = () => undefined,
): Promise<void> {
  const folder = mkdtempSync(join(lab.folder, "examined-"));
  restic(repository, ["restore", snapshot.restic_id ?? "", "--target", folder, "--no-lock", "--verify"]);
  const [found] = find(folder, ["-path", "*/.holdfast/capture.json"]);
  expect(found, "a capture.json in the snapshot").toBeDefined();
  const capture = JSON.parse(readFileSync(found ?? "", "utf8")) as Capture;
  expect(capture.complete).toBe(true);
  expect(capture.databases.map((database) => database.complete)).not.toContain(false);
  await look(folder, capture);
  rmSync(folder, { recursive: true });
}

/** Every snapshot that the state calls good and is still there: each must be what it is called. */
export function goodOf(lab: Homelab): StateRow[] {
  return recordsOf(lab).filter((row) => row.verdict === "good" && row.forgotten_at === null && row.restic_id !== null);
}
