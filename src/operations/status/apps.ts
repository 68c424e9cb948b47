import type { Problem } from "../../base/errors/error.ts";
import type { App } from "../../domain/app.ts";
import type { Inventory } from "../../domain/declaration.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import { idOf } from "../../domain/ids.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import { unfinishedRuns } from "../../state/queries/runs.ts";
import { newestGood } from "../../state/queries/alerts.ts";
import { lastBackupsOf, protectionOf } from "../../state/queries/app-standing.ts";
import { readSchedules } from "../../state/queries/schedules.ts";
import type { ProtectionRow } from "../../state/queries/snapshots.ts";
import { isDead } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { lateOnes } from "../freshness/late.ts";
import { nextRunOf } from "../schedule/next-run.ts";

/** How one declared app stands. */
export interface AppStanding {
  app: App;
  lastRun?: { id: string; state: string; startedAt?: string; finishedAt: string; problems: Problem[] };
  /** Queued or running. */
  currentRun?: { id: string; kind: string; state: string; since: string };
  nextRunAt?: string;
  destinations: { name: string; id: string; snapshots: number; lastGoodAt?: string; lastStoredAt?: string }[];
  /** Since the oldest of its destinations' newest good snapshots; absent when some destination has none. */
  ageMs?: number;
  late: boolean;
}

/** How these apps stand, from the state alone; what it costs depends on how many they are, not on how many there are. */
export async function appStandings(holdfast: Holdfast, apps: readonly App[]): Promise<AppStanding[]> {
  const { state, declared, clock } = holdfast;
  const names = apps.map((app): string => app.name);
  const now = clock.now();
  const [rows, good, last, unfinished, seen] = await Promise.all([
    protectionOf(state, names),
    newestGood(state, now, names),
    lastBackupsOf(state, names),
    unfinishedRuns(state),
    readSchedules(state),
  ]);
  const used = new Set<string>(apps.map(({ policy }) => policy));
  const policies = declared.policies.filter(({ name }) => used.has(name));
  const shown = { ...declared, policies, apps: [...apps] };
  const late = new Set<string>(lateOnes(shown, { good, seen, unseenSince: now }, now).map(({ app }) => app));
  return apps.map((app): AppStanding => {
    const stored = rows.filter((row) => row.app === app.name);
    const current = unfinished.find(
      (run) => run.app === app.name && !(run.owner && isDead(run.owner, run.heartbeatAt)),
    );
    const next = rememberedNext(holdfast, app, now);
    const age = ageOf(holdfast, app, stored, now);
    const ended = last.get(app.name);
    return {
      app,
      late: late.has(app.name),
      destinations: stored.map((row) => ({
        name: row.destination,
        id: idOf("destination", row.destination),
        snapshots: row.snapshots,
        ...(row.lastGoodAt === null ? {} : { lastGoodAt: row.lastGoodAt }),
        ...(row.lastStoredAt === null ? {} : { lastStoredAt: row.lastStoredAt }),
      })),
      ...(ended?.finishedAt === undefined ? {} : { lastRun: endOf(ended, ended.finishedAt) }),
      ...(current === undefined
        ? {}
        : { currentRun: { id: current.id, kind: current.kind, state: current.state, since: current.queuedAt } }),
      ...(next === undefined ? {} : { nextRunAt: next.toISOString() }),
      ...(Number.isFinite(age) ? { ageMs: age } : {}),
    };
  });
}

/** The next run of an app is the same until it comes, or what is declared changes. */
const remembered = new WeakMap<Inventory, Map<string, { next: Date | undefined; from: Date }>>();

function rememberedNext(holdfast: Holdfast, app: App, now: Date): Date | undefined {
  const known = remembered.get(holdfast.declared) ?? new Map<string, { next: Date | undefined; from: Date }>();
  remembered.set(holdfast.declared, known);
  const before = known.get(app.name);
  if (before !== undefined && before.from <= now && (before.next === undefined || now < before.next))
    return before.next;
  const next = nextRunOf(holdfast, app, now);
  known.set(app.name, { next, from: now });
  return next;
}

function endOf({ id, state, startedAt, problems }: RunRecord, finishedAt: string): NonNullable<AppStanding["lastRun"]> {
  return { id, state, finishedAt, problems, ...(startedAt === undefined ? {} : { startedAt }) };
}

/** An app is as safe as its stalest copy. */
function ageOf({ declared }: Holdfast, app: App, stored: readonly ProtectionRow[], now: Date): number {
  const policy = declared.policies.find(({ name }) => name === app.policy);
  const wanted = withoutDisabled<string>(policy?.destinations ?? [], declared.destinations);
  const ages = wanted.map((destination) => {
    const at = stored.find((row) => row.destination === destination)?.lastGoodAt;
    return at == null ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(at);
  });
  return ages.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ages);
}
