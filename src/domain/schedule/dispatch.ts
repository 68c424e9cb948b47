import type { Limits } from "../daemon-settings.ts";
import type { RunId } from "../names.ts";
import type { RequestedBy, RunKind, RunState } from "../run-state.ts";

/** What of a queued or running run decides whether it may begin. */
export interface DispatchRun {
  id: RunId;
  kind: RunKind;
  state: RunState;
  app?: string;
  requestedBy: RequestedBy;
  queuedAt: string;
  notBefore?: string;
  cancelRequestedAt?: string;
  node?: string;
  destinations: string[];
  wave: number;
}

export interface DispatchRules {
  /** Runs of local apps of other nodes are not for this one. */
  node: string;
  /** ISO 8601, UTC. */
  now: string;
  limits: Required<Limits>;
  /** So many are begun at most, however much room there is. */
  most?: number;
  /** Where fewer runs than `limits.perDestination` may go on at once. */
  atOnce: ReadonlyMap<string, number>;
  /** Apps whose policy wants nothing begun now. */
  held: ReadonlySet<string>;
  /** Destinations that are declared here: upkeep of others is for those who know them. */
  declared: ReadonlySet<string>;
  /** Apps that this process is still at work on, whatever the state says: another may have closed their runs. */
  here?: ReadonlySet<string>;
}

const hourMs = 3_600_000;
/** Upkeep that has waited so long waits no longer for backups that have not begun. */
const patienceMs = 6 * hourMs;
/** No retry waits so long: a time further ahead was written by a clock that was wrong. */
export const furthestMs = 3 * hourMs;

const upkeepKinds: ReadonlySet<RunKind> = new Set(["retain", "prune", "check"]);

/**
 * Which queued runs may begin now, in that order: what a person asked for first, then earlier waves, then those that wait
 * longest. No limit is exceeded, no app has two runs at once, a later wave waits for the earlier ones. Upkeep waits until
 * no backup wants its destination; after six hours, and at once when a person asked for it, backups of the schedule wait
 * for it instead. While it goes on, no backup begins there: it would hold its app still and wait.
 */
export function nextRuns(unfinished: readonly DispatchRun[], rules: DispatchRules): RunId[] {
  const busy = unfinished.filter((run) => run.state === "running");
  const queued = unfinished.filter((run) => run.state === "queued" && run.cancelRequestedAt === undefined);
  const ready = queued.filter((run) => isReady(run, rules)).sort(inOrder);
  const use = usageOf(busy);
  for (const app of rules.here ?? []) use.apps.add(app);
  const waves = wavesOf([...busy, ...ready]);
  const going = new Set(busy.flatMap((run) => run.destinations));
  const wanted = new Set([...going, ...ready.filter(isBackup).flatMap((run) => run.destinations)]);
  const reserved = new Set(ready.filter((run) => isUrgent(run, rules.now)).flatMap((run) => run.destinations));
  const begin: RunId[] = [];
  for (const run of ready) {
    if (use.total >= rules.limits.runs || begin.length >= (rules.most ?? Number.POSITIVE_INFINITY)) break;
    if (run.app !== undefined && use.apps.has(run.app)) continue;
    if (isBackup(run) && run.requestedBy === "schedule" && run.wave > waves.lowest) continue;
    const awaited = isUrgent(run, rules.now) ? going : wanted;
    if (upkeepKinds.has(run.kind) && run.destinations.some((name) => awaited.has(name) || use.upkeep.has(name)))
      continue;
    const yields = isBackup(run) && run.requestedBy === "schedule" ? reserved : use.upkeep;
    if (isBackup(run) && run.destinations.some((name) => yields.has(name) || use.upkeep.has(name))) continue;
    if (run.node !== undefined && (use.devices.get(run.node) ?? 0) >= rules.limits.perDevice) continue;
    if (run.destinations.some((name) => (use.destinations.get(name) ?? 0) >= limitOf(name, rules))) continue;
    begin.push(run.id);
    take(use, run);
  }
  return begin;
}

function isBackup(run: DispatchRun): boolean {
  return run.kind === "backup";
}

/** Whether it is upkeep for which backups of the schedule wait. */
export function isUrgent({ kind, requestedBy, queuedAt }: DispatchRun, now: string): boolean {
  if (!upkeepKinds.has(kind)) return false;
  return requestedBy === "person" || Date.parse(now) - Date.parse(queuedAt) > patienceMs;
}

function isReady(run: DispatchRun, { node, now, held, declared }: DispatchRules): boolean {
  if (run.node !== undefined && run.node !== node) return false;
  if (upkeepKinds.has(run.kind) && !run.destinations.every((name) => declared.has(name))) return false;
  const waitsMs = run.notBefore === undefined ? 0 : Date.parse(run.notBefore) - Date.parse(now);
  if (waitsMs > 0 && waitsMs <= furthestMs) return false;
  return !(run.requestedBy === "schedule" && run.app !== undefined && held.has(run.app));
}

function inOrder(left: DispatchRun, right: DispatchRun): number {
  return (
    rankOf(left) - rankOf(right) ||
    left.wave - right.wave ||
    compare(left.queuedAt, right.queuedAt) ||
    compare(left.id, right.id)
  );
}

/** What comes first in the queue whatever its wave and its time: a person's requests, then backups, then upkeep. */
export function rankOf({ requestedBy, kind }: Pick<DispatchRun, "requestedBy" | "kind">): number {
  return (requestedBy === "person" ? 0 : 2) + (upkeepKinds.has(kind) ? 1 : 0);
}

/** By code units: these are ISO times and ids. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A set that holds other apps' exported dumps is captured after them. */
function wavesOf(runs: readonly DispatchRun[]): { lowest: number } {
  const waves = runs.filter((run) => isBackup(run) && run.requestedBy === "schedule").map((run) => run.wave);
  return { lowest: Math.min(...waves) };
}

interface Usage {
  total: number;
  apps: Set<string>;
  devices: Map<string, number>;
  destinations: Map<string, number>;
  upkeep: Set<string>;
}

function usageOf(busy: readonly DispatchRun[]): Usage {
  const use: Usage = { total: 0, apps: new Set(), devices: new Map(), destinations: new Map(), upkeep: new Set() };
  for (const run of busy) take(use, run);
  return use;
}

function take(use: Usage, run: DispatchRun): void {
  use.total += 1;
  if (run.app !== undefined) use.apps.add(run.app);
  if (run.node !== undefined) use.devices.set(run.node, (use.devices.get(run.node) ?? 0) + 1);
  for (const name of run.destinations) {
    use.destinations.set(name, (use.destinations.get(name) ?? 0) + 1);
    if (upkeepKinds.has(run.kind)) use.upkeep.add(name);
  }
}

function limitOf(destination: string, { limits, atOnce }: DispatchRules): number {
  return Math.min(limits.perDestination, atOnce.get(destination) ?? limits.perDestination);
}
