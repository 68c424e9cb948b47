import { formatDuration } from "../../domain/atoms/duration.ts";
import type { App } from "../../domain/app.ts";
import { newestGood } from "../../state/queries/alerts.ts";
import { readSchedules } from "../../state/queries/schedules.ts";
import { newestDumps } from "../../state/queries/standing.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { lateOnes } from "../freshness/late.ts";

/** A complete dump of each database no older than this is wanted: two nights, as in the first homelab's health check. */
const usualDumpMaxAgeMs = 48 * 3600 * 1000;

export interface BackupHealth {
  healthy: boolean;
  /** What was looked at: with databases declared their dumps, else the age of every app's snapshots. */
  by: "dumps" | "apps" | "nothing";
  /** Apps and databases that were looked at. */
  looked: number;
  /** What is wrong; with `by: "dumps"` also apps that are late, which do not decide then. */
  unwell: Unwell[];
}

export interface Unwell {
  app: string;
  database?: string;
  /** In words. */
  detail: string;
  /** Whether it makes the whole unhealthy. */
  decides: boolean;
}

/**
 * Whether backups come in as they should, from the state alone and so with or without a daemon. Where databases are declared,
 * each needs a complete dump within `daemon.dump_max_age`; where none is, no app may be late. Apps that are disabled are not
 * looked at; one whose declaration cannot be used is unwell, for nobody backs it up.
 */
export async function backupHealth(holdfast: Holdfast): Promise<BackupHealth> {
  const { declared } = holdfast;
  const now = holdfast.clock.now().getTime();
  const apps = declared.apps.filter((app) => app.enabled && app.system === undefined);
  const databases = apps.flatMap((app) => app.databases.map(({ name }) => ({ app: String(app.name), database: name })));
  const [dumps, late] = await Promise.all([
    databases.length === 0 ? [] : unwellDumps(holdfast, databases, now),
    lateApps(holdfast, apps, now),
  ]);
  const lost = declared.leftOut
    .filter(({ kind }) => kind === "app")
    .map(({ name }): Unwell => ({ app: name, detail: "its declaration has a mistake", decides: true }));
  const by = databases.length > 0 ? "dumps" : apps.length > 0 ? "apps" : "nothing";
  const unwell = [...lost, ...dumps, ...late.map((one) => ({ ...one, decides: by === "apps" }))];
  return {
    healthy: !unwell.some(({ decides }) => decides),
    by,
    looked: by === "dumps" ? databases.length : apps.length,
    unwell,
  };
}

async function unwellDumps(
  holdfast: Holdfast,
  databases: { app: string; database: string }[],
  now: number,
): Promise<Unwell[]> {
  const limitMs = holdfast.declared.settings.daemon?.dumpMaxAgeMs ?? usualDumpMaxAgeMs;
  const newest = new Map(
    (await newestDumps(holdfast.state)).map((dump) => [JSON.stringify([dump.app, dump.database]), dump.finishedAt]),
  );
  return databases.flatMap(({ app, database }): Unwell[] => {
    const at = newest.get(JSON.stringify([app, database]));
    if (at === undefined) return [{ app, database, detail: "it has no complete dump", decides: true }];
    const age = now - Date.parse(at);
    if (age <= limitMs) return [];
    const detail = `its newest complete dump is ${formatDuration(age)} old, more than ${formatDuration(limitMs)}`;
    return [{ app, database, detail, decides: true }];
  });
}

/** The rule is that of the alarms; each app once, with its worst destination. */
async function lateApps(holdfast: Holdfast, apps: App[], now: number): Promise<Omit<Unwell, "decides">[]> {
  const { state, declared } = holdfast;
  const known = { good: await newestGood(state, holdfast.clock.now()), seen: await readSchedules(state) };
  const late = lateOnes(declared, known, holdfast.clock.now());
  return apps.flatMap(({ name: app }) => {
    const found = late.filter((one) => one.app === app);
    const [first] = found;
    if (first === undefined) return [];
    if (found.some(({ goodAt }) => goodAt === undefined)) {
      return [{ app, detail: "a destination has no good snapshot of it" }];
    }
    const age = Math.max(...found.map(({ goodAt }) => now - (goodAt?.getTime() ?? 0)));
    const limit = formatDuration(first.expectedMs);
    return [{ app, detail: `its stalest good snapshot is ${formatDuration(age)} old, more than ${limit}` }];
  });
}
