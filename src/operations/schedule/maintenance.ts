import { localZone } from "../../domain/atoms/timezone.ts";
import type { MaintenanceSchedule } from "../../domain/daemon-settings.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { knownDestinations } from "../../state/queries/destinations.ts";
import { moveOn, readSchedules } from "../../state/queries/schedules.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { enqueueUpkeep, type UpkeepOrder } from "../queue/enqueue.ts";
import { dueNow, slotOf } from "./advance.ts";
import type { Scheduled } from "./scheduled.ts";

type Upkeep = UpkeepOrder["kind"];

/** After the night's backups; a thirtieth of the data each day, so that all of it is read in a month. */
const usual: Record<Upkeep, string> = { retain: "30 4 * * *", prune: "0 5 * * 0", check: "0 6 * * *" };

interface ScheduledUpkeep extends Scheduled {
  kind: Upkeep;
  destination: string;
}

/**
 * Queues the upkeep that is due: each kind once per destination, for its newest due time. A destination that was never used
 * has nothing to be kept up. Gives how many runs were queued.
 */
export async function enqueueMaintenance(
  holdfast: Pick<Holdfast, "state" | "declared" | "clock">,
  now: Date,
): Promise<number> {
  const { destinations, settings } = holdfast.declared;
  const upkeep = scheduledUpkeep(destinations, { ...usual, ...settings.daemon?.maintenance });
  const { unseen, due } = dueNow(upkeep, await readSchedules(holdfast.state), now);
  if (unseen.length + due.length === 0) return 0;
  return await writing(holdfast.state, async (transaction) => {
    const { unseen, due } = dueNow(upkeep, await readSchedules(transaction), now);
    const used = new Set((await knownDestinations(transaction)).map(({ name }) => name));
    const orders = due
      .filter(({ item }) => used.has(item.destination))
      .map(({ item, dueAt }): UpkeepOrder => ({
        kind: item.kind,
        destination: item.destination,
        requestedBy: "schedule",
        slot: slotOf(item, dueAt),
        ...(item.kind === "check" ? { data: "part" } : {}),
      }));
    const queued = await enqueueUpkeep(holdfast, transaction, orders);
    // What was not queued waits in the queue already, and will be later than its due time.
    const seen = due.map(({ item, dueAt }) => ({ key: item.key, dueAt }));
    await moveOn(transaction, [...unseen.map(({ key }) => ({ key, dueAt: now })), ...seen], now);
    return queued.length;
  });
}

function scheduledUpkeep(
  destinations: readonly DestinationDeclaration[],
  schedule: Required<MaintenanceSchedule>,
): ScheduledUpkeep[] {
  const zone = localZone();
  return destinations
    .filter(({ enabled }) => enabled)
    .flatMap((destination) =>
      kindsOf(destination).map((kind) => ({
        key: `${kind}:${destination.name}`,
        timing: { schedule: schedule[kind], zone, offsetMs: 0, blackout: [] },
        kind,
        destination: destination.name,
      })),
    );
}

/** An append-only destination is thinned with its maintenance credentials, or by somebody else. */
function kindsOf({ appendOnly, maintenance }: DestinationDeclaration): Upkeep[] {
  return appendOnly && maintenance === undefined ? ["check"] : ["retain", "prune", "check"];
}
