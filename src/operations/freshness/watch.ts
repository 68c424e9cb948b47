import { problem, type Problem } from "../../base/errors/error.ts";
import { formatDuration } from "../../domain/atoms/duration.ts";
import type { Inventory } from "../../domain/declaration.ts";
import { watchedOf } from "../../domain/freshness.ts";
import type { Database } from "../../state/open.ts";
import {
  clearAlerts,
  newestGood,
  openAlerts,
  raiseAlerts,
  type Alert,
  type NewAlert,
} from "../../state/queries/alerts.ts";
import { rememberedNodes } from "../../state/queries/daemons.ts";
import { readSchedules } from "../../state/queries/schedules.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { alertsChanged } from "../notify/alerts.ts";
import { lateOnes, subjectOf, type Late } from "./late.ts";

/** What a look at all apps has changed. */
export interface FreshnessChanges {
  raised: Alert[];
  /** Alerts that are over because the app has a fresh good snapshot again. */
  cleared: Alert[];
}

/**
 * Raises an alert for each app that is late in a destination, and clears those that are over, apart from any run: an app
 * whose runs never begin is late, too. Of all daemons on one state, one is given each change, and tells of it: no change is
 * kept that is not told. The alert of an app or destination that is no longer watched ends in silence: nothing has become
 * better. That of another node is left to it, unless its daemon has left.
 */
export async function watchFreshness(
  holdfast: Pick<Holdfast, "acting" | "clock" | "declared" | "deviceName" | "state">,
  now: Date,
): Promise<FreshnessChanges> {
  // Most looks find nothing: they need not wait for the right to write.
  const { late, over } = await look(holdfast, holdfast.state, now);
  if (late.length + over.length === 0) return { raised: [], cleared: [] };
  return await writing(holdfast.state, async (transaction) => {
    const { late, over } = await look(holdfast, transaction, now);
    const raised = await raiseAlerts(transaction, late, now);
    const cleared = await clearAlerts(transaction, over, now);
    const watched = subjectsOf(holdfast.declared);
    const changes = { raised, cleared: cleared.filter(({ subject }) => watched.has(subject)) };
    await alertsChanged({ ...holdfast, state: transaction }, changes);
    return changes;
  });
}

async function look(
  { declared, deviceName }: Pick<Holdfast, "declared" | "deviceName">,
  db: Database,
  now: Date,
): Promise<{ late: NewAlert[]; over: Alert[] }> {
  // What no daemon has seen yet is seen for the first time now.
  const known = { good: await newestGood(db, now), seen: await readSchedules(db), unseenSince: now };
  const late = new Map(lateOnes(declared, known, now).map((one) => [subjectOf(one), one]));
  const open = await openAlerts(db, "stale");
  const gone = open.filter(({ subject }) => !late.has(subject));
  const over = gone.length === 0 ? [] : gone.filter(isOurs(declared, deviceName, await rememberedNodes(db)));
  for (const { subject } of open) late.delete(subject);
  return { late: [...late].map(([subject, one]) => alertOf(subject, one)), over };
}

/**
 * Whether an alert is this daemon's to clear: what it watches, what is of its own node, and what is nobody's. A node whose
 * daemon has died is not gone: nobody looks after its apps, which is what its alerts are for.
 */
function isOurs(declared: Inventory, deviceName: string, nodes: ReadonlySet<string>): (alert: Alert) => boolean {
  const watched = subjectsOf(declared);
  return ({ subject, problem }) => {
    const device = problem.params["device"];
    return watched.has(subject) || device === undefined || device === deviceName || !nodes.has(device);
  };
}

function subjectsOf(declared: Inventory): Set<string> {
  return new Set(watchedOf(declared).map(subjectOf));
}

function alertOf(subject: string, late: Late): NewAlert {
  const { app, destination } = late;
  return { kind: "stale", subject, app, destination, problem: problemOf(late) };
}

function problemOf({ app, device, destination, expectedMs, goodAt, firstSeenAt }: Late): Problem {
  const newest =
    goodAt === undefined
      ? `none since ${firstSeenAt?.toISOString() ?? "ever"}`
      : `the newest is of ${goodAt.toISOString()}`;
  return problem("HF_BACKUP_LATE", { app, device, destination, expected: formatDuration(expectedMs), newest });
}
