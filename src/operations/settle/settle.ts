import { rm } from "node:fs/promises";
import { isFailure, problem, toProblem, type Problem } from "../../base/errors/error.ts";
import type { Obligation } from "../../base/journal/journal.ts";
import { endOrphans } from "../../base/process/orphans.ts";
import { livenessOf, type Owner } from "../../base/process/owner.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import { failOpenRecords, listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import { destinationName, runId } from "../../domain/names.ts";
import type { Executor } from "../../base/process/command.ts";
import type { Hook } from "../../domain/app.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { removeStaleLocks } from "../maintain/stale-locks.ts";
import { endRun } from "../run/end.ts";
import { runHook } from "../run/hooks.ts";
import { deadRuns, dueDuties } from "./due.ts";
import { putBack } from "./put-back.ts";
import { keepBeside, writtenSince } from "./written-since.ts";

export interface SettleReport {
  /** Processes that a dead Holdfast had left running. */
  orphans: number;
  /** Runs that were closed because their process is gone. */
  runs: string[];
  settled: Obligation["duty"][];
  problems: Problem[];
}

export interface SettleOptions {
  /** Whether the duties of other nodes are due too. */
  allNodes?: boolean;
  /** Ends an after-hook that is going on; else it may take as long as its own limit. */
  hooksUntil?: AbortSignal;
}

/**
 * Puts right what dead processes left behind: ends their children, closes their runs, meets their obligations. Called
 * first by every command that acts. What belongs to a living process is left alone (law 3).
 */
export async function settle(
  holdfast: Holdfast,
  signal: AbortSignal,
  options: SettleOptions = {},
): Promise<SettleReport> {
  const report: SettleReport = { orphans: 0, runs: [], settled: [], problems: [] };
  const owed = async (): Promise<Obligation[]> => await dueDuties(holdfast, options.allNodes ?? false);
  if ((await deadRuns(holdfast)).length === 0 && (await owed()).length === 0) return report;
  const interrupted = new Set<string>();
  await settleDead(holdfast, owed, report, interrupted, signal, options.hooksUntil);
  // Last, and with nobody waiting for it: a destination that does not answer must not keep an app stopped.
  report.problems.push(...(await unlockAfter(holdfast, interrupted, signal)));
  return report;
}

async function settleDead(
  holdfast: Holdfast,
  owed: () => Promise<Obligation[]>,
  report: SettleReport,
  interrupted: Set<string>,
  signal: AbortSignal,
  hooksUntil = new AbortController().signal,
): Promise<void> {
  // Two that put the same things back would undo each other's work.
  await using _turn = await takeTurn(holdfast.state, {
    destination: settling,
    mode: "exclusive",
    owner: holdfast.owner,
    what: "the settling of interrupted runs",
    signal,
  });
  for (const run of await deadRuns(holdfast)) {
    const { orphans, destinations, problems } = await settleRun(holdfast, run);
    report.problems.push(...problems);
    report.orphans += orphans;
    report.runs.push(run.id);
    for (const destination of destinations) interrupted.add(destination);
  }
  for (const { id } of await owed()) {
    if (signal.aborted) return;
    // Those before it took their time: it may be met, or its app may have a run now.
    const obligation = (await owed()).find((one) => one.id === id);
    if (obligation === undefined) continue;
    report.orphans += await endOnce(obligation.owner);
    try {
      report.problems.push(...(await meet(holdfast, obligation, hooksUntil)));
      report.settled.push(obligation.duty);
    } catch (error) {
      // It stays open and is tried again; the other obligations are not held up by it.
      report.problems.push(toProblem(error));
    }
  }
}

/** No destination has such a name. */
const settling = destinationName("(settling)");

/** What a dead process's run had left. */
interface Remains {
  /** Processes that were still running, and have been ended. */
  orphans: number;
  /** Where it was at work, and may have left a lock. */
  destinations: string[];
  problems: Problem[];
}

/** Closes a dead process's run, after ending what it had started. */
async function settleRun(holdfast: Holdfast, run: RunRecord): Promise<Remains> {
  const orphans = run.owner === undefined ? 0 : await endOnce(run.owner);
  const interrupted = problem("HF_RUN_INTERRUPTED", { pid: run.owner?.pid ?? "?" });
  const now = holdfast.clock.now();
  const records = await listSnapshotRecords(holdfast.state, { runId: run.id });
  const destinations = records
    .filter((record) => record.status === "in_progress")
    .map((record) => String(record.destination));
  await failOpenRecords(holdfast.state, run.id, interrupted, now);
  const durationMs = run.startedAt === undefined ? 0 : now.getTime() - Date.parse(run.startedAt);
  const untold = await endRun(holdfast, run, { outcome: "failed", problems: [interrupted], durationMs });
  return {
    orphans,
    destinations: [...destinations, ...(run.destination === undefined ? [] : [run.destination])],
    problems: untold === undefined ? [] : [untold],
  };
}

/** A restic that was killed leaves its lock, and the next one that needs the repository for itself would wait for it. */
async function unlockAfter(holdfast: Holdfast, destinations: Set<string>, signal: AbortSignal): Promise<Problem[]> {
  const repositories = repositoriesOf(holdfast);
  const run = {
    runId: runId("settle"),
    signal,
    clock: holdfast.clock,
    emit: () => undefined,
  };
  const problems: Problem[] = [];
  for (const { name } of holdfast.declared.destinations.filter((one) => destinations.has(one.name))) {
    try {
      await removeStaleLocks(await repositories.open(name), run);
    } catch (error) {
      // A repository that was about to be created is not there; the others are tried again by whoever needs them.
      if (!isFailure(error, "HF_REPOSITORY_MISSING")) problems.push(toProblem(error));
    }
  }
  return problems;
}

const ended = new Set<string>();

/** Looks for a dead owner's children once per process: the look reads every process's environment. */
async function endOnce(owner: Owner): Promise<number> {
  const key = JSON.stringify(owner);
  if (livenessOf(owner) !== "dead" || ended.has(key)) return 0;
  ended.add(key);
  return await endOrphans(owner);
}

/** Gives what a person should know of it. */
async function meet(
  { device, journal }: Holdfast,
  obligation: Obligation,
  hooksUntil: AbortSignal,
): Promise<Problem[]> {
  const { duty } = obligation;
  const notes: Problem[] = [];
  switch (duty.kind) {
    case "remove":
      await removeAll(duty.paths);
      break;
    case "hooks":
      await runAll(device, duty.app, duty.hooks, hooksUntil);
      break;
    case "put-back": {
      const written = await writtenSince(duty, obligation.incurredAt);
      await putBack(duty);
      for (const one of written) {
        const kept = await keepBeside(one, obligation.incurredAt);
        notes.push(problem("HF_RESTORE_UNDONE", { path: one.path, kept }));
      }
      await journal.amend(obligation, { kind: "remove", paths: duty.work });
      await removeAll(duty.work);
    }
  }
  await journal.settle(obligation);
  return notes;
}

/** Every hook gets its turn: one that fails must not keep the next from starting its app. Throws the first failure. */
async function runAll(device: Executor, app: string, hooks: Hook[], signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  for (const hook of hooks) {
    try {
      await runHook(device, app, hook, { signal, outlives: true });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function removeAll(paths: string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}
