import type { Obligation } from "../../base/journal/journal.ts";
import { isSameOwner, livenessOf, thisProcess, type Owner } from "../../base/process/owner.ts";
import { livingDaemons } from "../../state/queries/daemons.ts";
import { unfinishedRuns, type RunRecord } from "../../state/queries/runs.ts";
import { isDead } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** The unfinished runs on which nobody works any more. */
export async function deadRuns(holdfast: Holdfast): Promise<RunRecord[]> {
  const unfinished = await unfinishedRuns(holdfast.state);
  return unfinished.filter((run) => isDead(run.owner, run.heartbeatAt) || isForsaken(holdfast, run));
}

/** Since when this process has known nothing of a run that the state holds for its own, in milliseconds since 1970. */
const forsaken = new Map<string, number>();
/** A claim that was written a moment ago is not known yet. */
const forsakenMs = 60_000;

/** Whether a run of this process has nobody who works on it: its claim was lost on the way back, or its end could not be written. */
function isForsaken({ cancelling, clock }: Holdfast, { id, owner }: RunRecord): boolean {
  if (owner === undefined || !isSameOwner(owner, thisProcess()) || cancelling.runs().includes(id)) {
    forsaken.delete(id);
    return false;
  }
  const now = clock.now().getTime();
  const since = forsaken.get(id) ?? now;
  forsaken.set(id, since);
  return Math.abs(now - since) > forsakenMs;
}

/**
 * What dead processes owe, and the after-hooks that failed in this one. Of another node nobody here can tell, so its duties
 * wait until a person says that it is gone. After-hooks of an app that has a run now wait for its end: they would act inside
 * its window (law 3).
 */
export async function dueDuties(holdfast: Holdfast, allNodes: boolean): Promise<Obligation[]> {
  // The journal first: what a run owes that begins between the two looks is not among it.
  const open = await holdfast.journal.open();
  if (open.length === 0) return [];
  const living = (await unfinishedRuns(holdfast.state)).filter((run) => !isDead(run.owner, run.heartbeatAt));
  const busy = new Set([...living.map((run) => run.app), ...holdfast.cancelling.apps()]);
  const heard = [...living, ...(await livingDaemons(holdfast.state))].map(({ owner }) => owner);
  return open.filter((obligation) => {
    const { owner, duty } = obligation;
    if (duty.kind === "hooks" && busy.has(duty.app)) return false;
    if (duty.kind === "hooks" && isSameOwner(owner, thisProcess())) return true;
    const liveness = livenessOf(owner);
    return liveness === "dead" || (liveness === "unknown" && (allNodes || isGoneNamesake(holdfast, obligation, heard)));
  });
}

/** Whether an obligation is one of this container before it was started anew: of the same name, and not heard of any more. */
function isGoneNamesake(
  { deviceName, clock }: Holdfast,
  { owner, incurredAt }: Obligation,
  heard: readonly (Owner | undefined)[],
): boolean {
  if (owner.node !== deviceName || heard.some((one) => one !== undefined && isSameOwner(one, owner))) return false;
  return clock.now().getTime() - Date.parse(incurredAt) > forsakenMs;
}
