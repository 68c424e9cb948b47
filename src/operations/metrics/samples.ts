import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { childrenNamed } from "../../base/process/children.ts";
import type { App } from "../../domain/app.ts";
import type { Inventory } from "../../domain/declaration.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import { expectedAgeMs } from "../../domain/freshness.ts";
import type { RunKind } from "../../domain/run-state.ts";
import { knownDestinations } from "../../state/queries/destinations.ts";
import {
  lastEnds,
  newestChecks,
  newestDumps,
  openAlertCounts,
  standings,
  unfinishedCounts,
  unsentCounts,
  type Ended,
} from "../../state/queries/standing.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { nextRunOf } from "../schedule/next-run.ts";
import { version } from "../version.ts";
import type { families, MetricName } from "./families.ts";

type LabelsOf<Name extends MetricName> = Record<(typeof families)[Name]["labels"][number], string>;

/** Takes one value of one metric. */
export type Put = <Name extends MetricName>(name: Name, labels: LabelsOf<Name>, value: number) => void;

/** Puts everything that can be told now, from the state by a handful of queries. What is unknown is left out, not zero. */
export async function putAll(holdfast: Holdfast, put: Put): Promise<void> {
  const { state } = holdfast;
  await putStores(holdfast, put);
  await putApps(holdfast, put);
  await putDumps(holdfast, put);
  await putDestinations(holdfast, put);
  await putQueue(holdfast, put);
  for (const { kind, count } of await openAlertCounts(state)) put("holdfast_alerts", { kind }, count);
  const unsent = new Map((await unsentCounts(state)).map((one) => [one.notifier, one]));
  const notifiers = new Set([...holdfast.declared.notifications.map(({ name }) => name), ...unsent.keys()]);
  for (const notifier of notifiers) {
    put("holdfast_notifications_pending", { notifier }, unsent.get(notifier)?.pending ?? 0);
    put("holdfast_notifications_dropped", { notifier }, unsent.get(notifier)?.dropped ?? 0);
  }
  put("holdfast_config_problems", {}, holdfast.declared.problems.length);
  putProcess(holdfast, put);
}

async function putStores(holdfast: Holdfast, put: Put): Promise<void> {
  const now = holdfast.clock.now().getTime() / 1000;
  const expected = expectedStores(holdfast);
  for (const { app, destination, snapshots, lastGoodAt, ended, stored } of await standings(holdfast.state)) {
    const labels = { app, destination };
    // What is no longer to be stored there grows old rightly: it has no age, and its last run alarms nobody.
    const isExpected = expected.delete(JSON.stringify([app, destination]));
    if (isExpected || snapshots > 0) put("holdfast_snapshots", labels, snapshots);
    if (lastGoodAt !== undefined) {
      put("holdfast_backup_last_success_timestamp_seconds", labels, seconds(lastGoodAt));
      if (isExpected) put("holdfast_backup_age_seconds", labels, now - seconds(lastGoodAt));
    }
    if (isExpected && ended !== undefined) putEnded(labels, ended, put);
    const summary = stored?.summary;
    if (summary === undefined) continue;
    put("holdfast_backup_bytes", labels, summary.bytesProcessed);
    put("holdfast_backup_added_bytes", labels, summary.dataAddedPacked);
    put("holdfast_backup_files", labels, summary.filesProcessed);
  }
  // What was never stored somewhere is there with no snapshots: an alarm needs a series to look at.
  for (const { app, destination } of expected.values()) put("holdfast_snapshots", { app, destination }, 0);
}

function putEnded(labels: StoreLabels, { status, completedAt, durationMs }: Ended, put: Put): void {
  put("holdfast_backup_last_run_success", labels, status === "failed" ? 0 : 1);
  if (completedAt !== undefined) put("holdfast_backup_last_run_timestamp_seconds", labels, seconds(completedAt));
  if (durationMs !== undefined) put("holdfast_backup_duration_seconds", labels, durationMs / 1000);
}

interface StoreLabels {
  app: string;
  destination: string;
}

/** Where the declared apps are to be stored, by both names as JSON. */
function expectedStores({ declared }: Holdfast): Map<string, StoreLabels> {
  const policies = new Map(declared.policies.map((policy) => [policy.name, policy]));
  const enabled = declared.apps.filter((app) => app.enabled);
  return new Map(
    enabled.flatMap((app) =>
      withoutDisabled(policies.get(app.policy)?.destinations ?? [], declared.destinations).map(
        (destination): [string, StoreLabels] => [
          JSON.stringify([app.name, destination]),
          { app: app.name, destination },
        ],
      ),
    ),
  );
}

async function putApps(holdfast: Holdfast, put: Put): Promise<void> {
  const { declared, clock, state } = holdfast;
  const declaredApps = new Map(declared.apps.map((app) => [String(app.name), app]));
  for (const { app, result, startedAt, finishedAt } of await lastEnds(state)) {
    put("holdfast_app_last_run_result", { app, result }, 1);
    if (startedAt === null || finishedAt === null) continue;
    put("holdfast_app_last_run_duration_seconds", { app }, seconds(finishedAt) - seconds(startedAt));
    // Holdfast itself stops nothing yet, but a person's hook may.
    if (hasNoHooks(declaredApps.get(app))) put("holdfast_app_downtime_seconds", { app }, 0);
  }
  // Once for each policy: what a schedule promises is found by going through years of days.
  const promised = new Map(declared.policies.map((policy) => [policy.name, expectedAgeMs(policy)]));
  for (const [app, declaration] of declaredApps) {
    if (!declaration.enabled) continue;
    const expected = promised.get(declaration.policy) ?? expectedAgeMs(undefined);
    put("holdfast_app_expected_age_seconds", { app }, expected / 1000);
    const next = nextRun(holdfast, declaration, clock.now());
    if (next !== undefined) put("holdfast_app_next_run_timestamp_seconds", { app }, next.getTime() / 1000);
  }
}

const foundNext = new WeakMap<Inventory, Map<string, Date>>();

/** As long as nothing is declared anew, the next run stays the same until its time has come; to find it costs most of a scrape. */
function nextRun(holdfast: Holdfast, app: App, now: Date): Date | undefined {
  const found = foundNext.get(holdfast.declared) ?? new Map<string, Date>();
  foundNext.set(holdfast.declared, found);
  const known = found.get(app.name);
  if (known !== undefined && known > now) return known;
  const next = nextRunOf(holdfast, app, now);
  if (next !== undefined) found.set(app.name, next);
  return next;
}

/** Of the databases that are declared: another's newest dump grows old rightly. */
async function putDumps({ declared, state }: Holdfast, put: Put): Promise<void> {
  const known = new Set(
    declared.apps.flatMap((app) => app.databases.map(({ name }) => JSON.stringify([app.name, name]))),
  );
  for (const { app, database, bytes, finishedAt } of await newestDumps(state)) {
    if (!known.has(JSON.stringify([app, database]))) continue;
    put("holdfast_dump_last_success_timestamp_seconds", { app, database }, seconds(finishedAt));
    put("holdfast_dump_bytes", { app, database }, bytes);
  }
}

function hasNoHooks(app: App | undefined): boolean {
  return app !== undefined && app.hooks.before.length === 0 && app.hooks.after.length === 0;
}

/** Of the destinations that are declared: of what was deleted nobody wants an alarm. */
async function putDestinations({ state, declared }: Holdfast, put: Put): Promise<void> {
  const known = new Set<string>(declared.destinations.map(({ name }) => name));
  for (const { name: destination, size_bytes, last_pruned_at, last_retained_at } of await knownDestinations(state)) {
    if (!known.has(destination)) continue;
    if (size_bytes !== null) put("holdfast_destination_size_bytes", { destination }, size_bytes);
    if (last_pruned_at !== null) {
      put("holdfast_destination_last_prune_timestamp_seconds", { destination }, seconds(last_pruned_at));
    }
    if (last_retained_at !== null) {
      put("holdfast_destination_last_retain_timestamp_seconds", { destination }, seconds(last_retained_at));
    }
  }
  for (const { destination, at, outcome } of await newestChecks(state)) {
    put("holdfast_destination_last_check_timestamp_seconds", { destination }, seconds(at));
    put("holdfast_destination_last_check_success", { destination }, outcome === "success" ? 1 : 0);
  }
}

const kinds = ["backup", "restore", "retain", "prune", "check"] as const satisfies readonly RunKind[];

/** Also those that are none: an absent series is not a queue that is empty. */
async function putQueue({ state }: Holdfast, put: Put): Promise<void> {
  const counts = await unfinishedCounts(state);
  for (const kind of kinds) {
    for (const state of ["queued", "running"]) {
      const count = counts.find((one) => one.kind === kind && one.state === state)?.count ?? 0;
      put("holdfast_runs", { kind, state }, count);
    }
  }
}

function putProcess({ environment }: Holdfast, put: Put): void {
  const program = basename(environment["HOLDFAST_RESTIC"] ?? "restic");
  put("holdfast_restic_processes", {}, childrenNamed(program.slice(0, 15)));
  put("holdfast_build_info", { version, node: process.versions.node }, 1);
  const { user, system } = process.cpuUsage();
  put("process_cpu_seconds_total", {}, (user + system) / 1e6);
  put("process_resident_memory_bytes", {}, process.memoryUsage.rss());
  put("process_start_time_seconds", {}, Math.round(Date.now() / 1000 - process.uptime()));
  put("process_open_fds", {}, readdirSync("/proc/self/fd").length);
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
