import type { AppStatus, StatusReport } from "../../operations/status/status.ts";
import { marks, type Tone } from "./look.ts";
import { listing } from "./text.ts";
import { formatAge, formatCount, formatRoughly } from "./units.ts";

/** `behind`: there is a fresh good backup, but not in every destination. `waiting`: it is new, and its first one is to come. */
export type Standing = "good" | "behind" | "warned" | "waiting" | "late" | "never";

/** Destinations are written one after another: so much later is not yet behind. */
const behindMs = 6 * 3_600_000;

/** How safe an app is, as far as the state knows. */
export function standingOf(app: AppStatus, now: Date): Standing {
  const newest = lastGood(app);
  if (newest === undefined) return app.late || app.lastRun !== undefined ? "never" : "waiting";
  const age = now.getTime() - Date.parse(newest);
  if (app.late) return app.ageMs === undefined || app.ageMs - age > behindMs ? "behind" : "late";
  return app.lastRun !== undefined && app.lastRun.outcome !== "success" ? "warned" : "good";
}

export const standingLook: Record<Standing, { mark: string; tone: Tone }> = {
  good: { mark: marks.good, tone: "good" },
  behind: { mark: marks.warning, tone: "warning" },
  warned: { mark: marks.warning, tone: "warning" },
  waiting: { mark: marks.waiting, tone: "warning" },
  late: { mark: marks.failed, tone: "failed" },
  never: { mark: marks.failed, tone: "failed" },
};

/** When its newest good snapshot was taken, wherever it lies. */
export function lastGood(app: AppStatus): string | undefined {
  const times = app.destinations.flatMap(({ lastGoodAt }) => (lastGoodAt === undefined ? [] : [lastGoodAt]));
  return times.sort((one, other) => Date.parse(other) - Date.parse(one))[0];
}

const urgency: readonly Standing[] = ["never", "late", "waiting", "behind", "warned", "good"];

/** Those that need a person first, then the oldest backups; what is no longer declared comes last. */
export function byUrgency(apps: readonly AppStatus[], now: Date): AppStatus[] {
  const rank = (app: AppStatus): number => (app.declared ? urgency.indexOf(standingOf(app, now)) : urgency.length);
  const at = (app: AppStatus): number => Date.parse(lastGood(app) ?? "");
  return apps.toSorted((one, other) => rank(one) - rank(other) || at(one) - at(other) || 0);
}

/** The answer to "am I safe?", in one sentence. */
export function safety(report: StatusReport, now: Date): { text: string; tone: Tone; mark: string } {
  const apps = report.apps.filter(({ declared }) => declared);
  const names = (standing: Standing): string[] =>
    apps.filter((app) => standingOf(app, now) === standing).map(({ app }) => app);
  const [never, late, waiting] = [names("never"), names("late"), names("waiting")];
  const look = [...names("behind"), ...names("warned")];
  if (apps.length === 0) {
    return { text: "Nothing is protected: no app is declared.", tone: "warning", mark: marks.warning };
  }
  if (never.length + late.length > 0) {
    const parts = [
      ...(never.length > 0 ? [`${listing(never)} ${never.length === 1 ? "has" : "have"} no good backup`] : []),
      ...(late.length > 0 ? [`${listing(late)} ${late.length === 1 ? "is" : "are"} late`] : []),
    ];
    const rest = apps.length - never.length - late.length - waiting.length;
    const others = rest > 0 ? ` The other ${rest === 1 ? "one is" : `${formatCount(rest)} are`} safe.` : "";
    return { text: `Not safe: ${parts.join(", ")}.${others}`, tone: "failed", mark: marks.failed };
  }
  const damaged = report.destinations.filter((one) => one.lastCheckOutcome === "failed").map(({ name }) => name);
  if (damaged.length > 0) {
    const text = `Not safe: the last check of ${listing(damaged)} found damage. See docs/troubleshooting.md.`;
    return { text, tone: "failed", mark: marks.failed };
  }
  const first = `${listing(waiting)} ${waiting.length === 1 ? "waits for its" : "wait for their"} first backup.`;
  const backed = apps.length - waiting.length;
  if (backed === 0) return { text: `Nothing is backed up yet: ${first}`, tone: "warning", mark: marks.warning };
  const oldest = Math.max(0, ...apps.map((app) => now.getTime() - Date.parse(lastGood(app) ?? now.toISOString())));
  const [one] = apps.filter((app) => lastGood(app) !== undefined);
  const who =
    backed === 1
      ? `${one?.app} has`
      : waiting.length > 0
        ? `the other ${formatCount(backed)} apps have`
        : `${backed === 2 ? "both" : `all ${formatCount(backed)}`} apps have`;
  const age = backed === 1 ? `${formatRoughly(oldest)} old` : `the oldest is ${formatRoughly(oldest)} old`;
  if (waiting.length > 0) {
    const text = `Safe so far: ${who} a good backup, ${age}; ${first}`;
    return { text, tone: "warning", mark: marks.warning };
  }
  if (look.length > 0) {
    const text = `Safe, but look at ${listing(look)}: ${who} a good backup, ${age}.`;
    return { text, tone: "warning", mark: marks.warning };
  }
  return { text: `You are safe: ${who} a good backup, ${age}.`, tone: "good", mark: marks.good };
}

/** What a person should do about an app, or why there is nothing to do. */
export function nextStep(app: AppStatus, now: Date): string {
  if (app.running !== undefined) return `running, since ${formatAge(new Date(app.running.since), now)}`;
  if (!app.declared) return "no longer declared";
  const standing = standingOf(app, now);
  if (standing === "waiting") return "is new";
  if (standing === "never" || standing === "late") return `holdfast backup ${app.app}`;
  if (app.lastRun?.outcome === "failed") return "last run failed, see below";
  if (app.lastRun?.outcome === "warning") return "last run warned, see below";
  if (app.lastRun?.outcome === "cancelled") return "last run was cancelled";
  return standing === "behind" ? behindText(app, now) : "";
}

function behindText(app: AppStatus, now: Date): string {
  const times = app.destinations.flatMap(({ destination, lastGoodAt }) =>
    lastGoodAt === undefined ? [] : [{ destination, at: Date.parse(lastGoodAt) }],
  );
  const without = app.destinations
    .filter(({ lastGoodAt }) => lastGoodAt === undefined)
    .map(({ destination }) => destination);
  if (without.length > 0) return `nothing good in ${without.join(", ")}`;
  const [oldest] = times.sort((one, other) => one.at - other.at);
  if (oldest === undefined || app.ageMs === undefined) return "a destination has no copy yet";
  return `${oldest.destination}: ${formatAge(new Date(oldest.at), now)}`;
}
