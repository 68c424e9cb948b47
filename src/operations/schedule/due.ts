import { isAhead } from "../../domain/ahead.ts";
import type { Database } from "../../state/open.ts";
import { backupsBegunSince, busyApps, moveOn, readSchedules, type Progress } from "../../state/queries/schedules.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { enqueueBackups, type BackupOrder } from "../queue/enqueue.ts";
import { dueNow, slotOf } from "./advance.ts";
import { freshKey, scheduledApps, type ScheduledApp } from "./scheduled.ts";

/**
 * Queues one backup of each app that is due, for its newest due time: after a sleep or a time without a daemon once, not
 * once for each time that passed. An app that was never seen before is due at its next due time. Gives how many runs
 * were queued.
 *
 * A due time wants a backup of the whole app that begins no earlier than it. So it waits as long as the app has an
 * unfinished run, of whichever kind: that of a backup that is queued begins later, and serves it when it ends well; that
 * of a backup that had begun before may have read its files before, and a restore stores nothing. When the app is free,
 * the newest due time that was not served gets its run. So an app has at most one run, and no due time is lost to one that
 * fails.
 */
export async function enqueueDue(
  holdfast: Pick<Holdfast, "state" | "declared" | "clock" | "deviceName">,
  now: Date,
): Promise<number> {
  const apps = scheduledApps(holdfast);
  // Most looks find nothing: they need not wait for the right to write.
  const { unseen, orders, served } = await look(holdfast.state, apps, now);
  if (unseen.size + orders.length + served.length === 0) return 0;
  return await writing(holdfast.state, async (transaction) => {
    const { unseen, orders, served } = await look(transaction, apps, now);
    const queued = await enqueueBackups(holdfast, transaction, orders.map(orderOf));
    // What was not queued has a run of that slot already.
    const seen = [...served, ...orders].map(({ item, dueAt }) => ({ key: item.key, dueAt }));
    await moveOn(transaction, [...[...unseen].map((key) => ({ key, dueAt: now })), ...seen], now);
    return queued.length;
  });
}

interface Due {
  item: ScheduledApp;
  dueAt: Date;
}

/** What is to be done for these apps: the keys `unseen` are new, `orders` want a run, `served` have had one. */
async function look(
  db: Database,
  apps: readonly ScheduledApp[],
  now: Date,
): Promise<{ unseen: Set<string>; orders: Due[]; served: Due[] }> {
  if (apps.length === 0) return { unseen: new Set(), orders: [], served: [] };
  const known = await readSchedules(db);
  const { unseen: unseenApps, due } = dueNow(apps, known, now);
  const unseen = new Set([...unseenApps.map(({ key }) => key), ...newPlaces(apps, known, now)]);
  if (due.length === 0) return { unseen, orders: [], served: [] };
  const isBusy = await busyApps(db);
  const free = due.filter(({ item }) => !isBusy(item.app));
  if (free.length === 0) return { unseen, orders: [], served: [] };
  const since = new Date(Math.min(...free.map(({ dueAt }) => dueAt.getTime())));
  const begun = await backupsBegunSince(
    db,
    free.map(({ item }) => item.app.name),
    since,
  );
  const isServed = ({ item, dueAt }: Due): boolean =>
    begun.some(
      ({ app, device, destinations, begunAt }) =>
        app === item.app.name &&
        device === item.app.device &&
        begunAt >= dueAt &&
        item.destinations.every((name) => destinations.includes(name)),
    );
  return { unseen, orders: free.filter((one) => !isServed(one)), served: free.filter(isServed) };
}

/** The keys of what an app is newly to be stored in: it may be late there only from now on. */
function newPlaces(apps: readonly ScheduledApp[], known: ReadonlyMap<string, Progress>, now: Date): string[] {
  return apps
    .flatMap(({ app, destinations }) => destinations.map((name) => freshKey(app, name)))
    .filter((key) => {
      const seen = known.get(key)?.firstSeenAt.getTime();
      return seen === undefined || isAhead(seen, now);
    });
}

function orderOf({ item, dueAt }: Due): BackupOrder {
  return {
    app: item.app,
    destinations: item.destinations,
    requestedBy: "schedule",
    slot: slotOf(item, dueAt),
  };
}
