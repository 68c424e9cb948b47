import { thinEvents, thinHistory } from "../../state/queries/history.ts";
import type { Holdfast } from "../context/holdfast.ts";

const dayMs = 24 * 3_600_000;
const usualHistoryMs = 400 * dayMs;
const eventsMs = 30 * dayMs;

/** Forgets what is older than `daemon.history`, and the single events of runs after a month. */
export async function thinOldHistory(holdfast: Holdfast, now: Date): Promise<void> {
  const before = (ms: number): { before: string } => ({ before: new Date(now.getTime() - ms).toISOString() });
  const historyMs = holdfast.declared.settings.daemon?.historyMs ?? usualHistoryMs;
  await thinHistory(holdfast.state, before(historyMs));
  await thinEvents(holdfast.state, before(Math.min(historyMs, eventsMs)));
}
