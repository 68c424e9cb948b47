import { formatDuration } from "../../domain/atoms/duration.ts";
import type { App } from "../../domain/app.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import { expectedAgeMs } from "../../domain/freshness.ts";
import { newestDumps, standings } from "../../state/queries/standing.ts";
import type { Holdfast } from "../context/holdfast.ts";

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

async function lateApps(holdfast: Holdfast, apps: App[], now: number): Promise<Omit<Unwell, "decides">[]> {
  const { policies, destinations } = holdfast.declared;
  const good = new Map(
    (await standings(holdfast.state)).map((one) => [JSON.stringify([one.app, one.destination]), one.lastGoodAt]),
  );
  const promised = new Map(policies.map((policy) => [String(policy.name), expectedAgeMs(policy)]));
  return apps.flatMap((app) => {
    const policy = policies.find(({ name }) => name === app.policy);
    const wanted = withoutDisabled(policy?.destinations ?? [], destinations);
    const times = wanted.map((destination) => good.get(JSON.stringify([app.name, destination])));
    if (times.some((at) => at === undefined))
      return [{ app: app.name, detail: "a destination has no good snapshot of it" }];
    const age = Math.max(...times.map((at) => now - Date.parse(at ?? "")));
    const limit = promised.get(app.policy) ?? expectedAgeMs(undefined);
    if (wanted.length === 0 || age <= limit) return [];
    const detail = `its stalest good snapshot is ${formatDuration(age)} old, more than ${formatDuration(limit)}`;
    return [{ app: app.name, detail }];
  });
}
