import type { Problem } from "../../base/errors/error.ts";
import type { Obligation } from "../../base/journal/journal.ts";
import { livenessOf } from "../../base/process/owner.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { livingDaemons } from "../../state/queries/daemons.ts";
import { newestGood } from "../../state/queries/alerts.ts";
import { knownDestinations, lastCheck } from "../../state/queries/destinations.ts";
import { destinationName } from "../../domain/names.ts";
import { lastBackups, unfinishedRuns } from "../../state/queries/runs.ts";
import { readSchedules } from "../../state/queries/schedules.ts";
import { protection } from "../../state/queries/snapshots.ts";
import { isDead } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { lateOnes } from "../freshness/late.ts";

export interface StatusReport {
  apps: AppStatus[];
  destinations: DestinationStatus[];
  /** The daemons that look after this state now. */
  daemons: { node: string; address: string; startedAt: string }[];
  /** What dead processes still owe; the next acting command settles it. */
  obligations: Obligation[];
  problems: Problem[];
}

export interface AppStatus {
  app: string;
  /** False for an app that is known from its snapshots alone. */
  declared: boolean;
  lastRun?: { outcome: Outcome; finishedAt: string; problems: Problem[] };
  running?: { runId: string; since: string };
  destinations: { destination: string; snapshots: number; lastGoodAt?: string; lastStoredAt?: string }[];
  /** Since the oldest of its destinations' newest good snapshots: an app is as safe as its stalest copy. */
  ageMs?: number;
  /** No good snapshot in some destination within the time that its schedule promises. */
  late: boolean;
}

export interface DestinationStatus {
  name: string;
  location?: string;
  snapshots: number;
  appendOnly: boolean;
  lastCheckAt?: string;
  lastCheckOutcome?: "success" | "failed";
  lastRetainedAt?: string;
  lastPrunedAt?: string;
  sizeBytes?: number;
}

/** How everything stands, from the state alone: no restic, no server is asked. */
export async function status(holdfast: Holdfast): Promise<StatusReport> {
  const [rows, good, runs, unfinished, known, seen, living, obligations] = await Promise.all([
    protection(holdfast.state),
    newestGood(holdfast.state, holdfast.clock.now()),
    lastBackups(holdfast.state),
    unfinishedRuns(holdfast.state),
    knownDestinations(holdfast.state),
    readSchedules(holdfast.state),
    livingDaemons(holdfast.state),
    holdfast.journal.open(),
  ]);
  const now = holdfast.clock.now().getTime();
  const names = new Set([
    ...holdfast.declared.apps.map((app) => String(app.name)),
    ...rows.filter((row) => row.snapshots > 0).map((row) => row.app),
  ]);

  const late = new Set<string>(lateOnes(holdfast.declared, { good, seen }, new Date(now)).map(({ app }) => app));

  const apps = [...names].sort().map((name): AppStatus => {
    const declared = holdfast.declared.apps.find((app) => app.name === name);
    const policy = holdfast.declared.policies.find((one) => one.name === declared?.policy);
    const last = runs.find((run) => run.app === name);
    const running = unfinished.find((run) => run.app === name && !isDead(run.owner, run.heartbeatAt));
    const stored = rows.filter((row) => row.app === name);
    const used = policy?.destinations ?? stored.map((row) => row.destination);
    const wanted: string[] = withoutDisabled<string>(used, holdfast.declared.destinations);
    const ages = wanted.map((destination) => {
      const at = stored.find((row) => row.destination === destination)?.lastGoodAt;
      return at == null ? Number.POSITIVE_INFINITY : now - Date.parse(at);
    });
    const age = Math.max(...ages);
    return {
      app: name,
      declared: declared !== undefined,
      late: late.has(name),
      destinations: stored.map((row) => ({
        destination: row.destination,
        snapshots: row.snapshots,
        ...(row.lastGoodAt === null ? {} : { lastGoodAt: row.lastGoodAt }),
        ...(row.lastStoredAt === null ? {} : { lastStoredAt: row.lastStoredAt }),
      })),
      ...(Number.isFinite(age) ? { ageMs: age } : {}),
      ...(last?.finishedAt === undefined
        ? {}
        : { lastRun: { outcome: last.state as Outcome, finishedAt: last.finishedAt, problems: last.problems } }),
      ...(running === undefined ? {} : { running: { runId: running.id, since: running.queuedAt } }),
    };
  });

  const destinationNames = new Set([
    ...holdfast.declared.destinations.map((one) => String(one.name)),
    ...known.map((one) => one.name),
  ]);
  const destinations = await Promise.all(
    [...destinationNames].sort().map(async (name): Promise<DestinationStatus> => {
      const record = known.find((one) => one.name === name);
      const check = await lastCheck(holdfast.state, destinationName(name));
      return {
        name,
        appendOnly: holdfast.declared.destinations.find((one) => one.name === name)?.appendOnly ?? false,
        snapshots: rows.filter((row) => row.destination === name).reduce((sum, row) => sum + row.snapshots, 0),
        ...(record === undefined ? {} : { location: record.location }),
        ...(check === undefined ? {} : { lastCheckAt: check.at, lastCheckOutcome: check.outcome }),
        ...(record?.last_retained_at == null ? {} : { lastRetainedAt: record.last_retained_at }),
        ...(record?.last_pruned_at == null ? {} : { lastPrunedAt: record.last_pruned_at }),
        ...(record?.size_bytes == null ? {} : { sizeBytes: record.size_bytes }),
      };
    }),
  );
  return {
    apps,
    destinations,
    daemons: living.map(({ node, address, startedAt }) => ({ node, address, startedAt })),
    obligations: obligations.filter((obligation) => livenessOf(obligation.owner) !== "alive"),
    problems: holdfast.declared.problems,
  };
}
