import { inBlackout } from "../../domain/schedule/blackout.ts";
import { latestDue } from "../../domain/schedule/timing.ts";
import { isAhead } from "../../domain/ahead.ts";
import type { Progress } from "../../state/queries/schedules.ts";
import type { Scheduled } from "./scheduled.ts";

/** What a look at the clock found. */
export interface Found<Item extends Scheduled> {
  /** Never seen before, or seen by a clock that was far ahead: from now on their due times count. */
  unseen: Item[];
  /** Due, each for its newest due time: those before it are not made up for. */
  due: { item: Item; dueAt: Date }[];
}

/** What is due and was not seen to. In a blackout nothing is: it waits for the end. */
export function dueNow<Item extends Scheduled>(
  items: readonly Item[],
  known: ReadonlyMap<string, Progress>,
  now: Date,
): Found<Item> {
  const found: Found<Item> = { unseen: [], due: [] };
  for (const item of items) {
    const seen = known.get(item.key)?.lastDueAt.getTime();
    if (seen === undefined || isAhead(seen, now)) {
      found.unseen.push(item);
      continue;
    }
    const dueAt = latestDue(item.timing, now);
    if (dueAt === undefined || dueAt.getTime() <= seen) continue;
    if (inBlackout(item.timing.blackout, item.timing.zone, now)) continue;
    found.due.push({ item, dueAt });
  }
  return found;
}

export function slotOf({ key }: Scheduled, dueAt: Date): string {
  return `${key}:${dueAt.toISOString()}`;
}
