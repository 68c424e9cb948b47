import type { Limits } from "../../domain/daemon-settings.ts";
import { inBlackout } from "../../domain/schedule/blackout.ts";
import { livingDaemons } from "../../state/queries/daemons.ts";
import { adoptQueued, claimQueued, takeCancelled } from "../../state/queries/queue.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Caller } from "../run/listener.ts";
import { endCancelled } from "./carry-out.ts";

/** On two cores four apps at once kept both busy (30 apps: 9.7 s against 23.7 s one by one). */
const usualLimits: Required<Limits> = { runs: 4, perDevice: 4, perDestination: 4 };

/** How many of the runs that may go on at once are this daemon's part. */
export async function shareOf(holdfast: Holdfast): Promise<number> {
  const all = await livingDaemons(holdfast.state);
  const { runs } = limitsOf(holdfast);
  return Math.ceil(runs / Math.max(1, all.length));
}

function limitsOf({ declared }: Pick<Holdfast, "declared">): Required<Limits> {
  return { ...usualLimits, ...declared.settings.daemon?.limits };
}

/**
 * Takes out of the queue what may begin now, for this process, `most` at most. Runs that were cancelled before they began
 * are ended.
 */
export async function claimNext(
  holdfast: Holdfast,
  caller: Caller,
  most = Number.POSITIVE_INFINITY,
): Promise<RunRecord[]> {
  const now = holdfast.clock.now();
  for (const run of await takeCancelled(holdfast.state, holdfast.owner, now)) {
    await endCancelled(holdfast, run, caller);
  }
  const { destinations } = holdfast.declared;
  const atOnce = new Map(
    destinations.flatMap(({ name, atOnce: limit }): [string, number][] => (limit === undefined ? [] : [[name, limit]])),
  );
  return await claimQueued(holdfast.state, holdfast.owner, {
    node: holdfast.deviceName,
    now,
    limits: limitsOf(holdfast),
    most,
    atOnce,
    held: appsHeld(holdfast, now),
    here: holdfast.cancelling.apps(),
    declared: new Set(destinations.filter(({ enabled }) => enabled).map(({ name }) => name)),
  });
}

/** Apps whose policy is in one of its blackout windows. */
function appsHeld({ declared }: Pick<Holdfast, "declared">, now: Date): Set<string> {
  const held = declared.policies.filter(({ blackout, timezone }) => inBlackout(blackout, timezone, now));
  const names = new Set(held.map(({ name }) => name));
  return new Set(declared.apps.filter(({ policy }) => names.has(policy)).map(({ name }) => name));
}

/** A daemon that was away for so long is not coming back under that name. */
const goneMs = 3_600_000;

/**
 * Takes over what waits for a machine on which no daemon is any more, where this machine has apps of these names: a
 * container that was made anew has another name.
 */
export async function adoptWaiting(holdfast: Holdfast): Promise<void> {
  const { state, deviceName: node, declared, clock } = holdfast;
  const apps = declared.apps.filter(({ device }) => device === node).map(({ name }): string => name);
  const living = (await livingDaemons(state)).map((daemon) => daemon.node);
  await adoptQueued(state, { node, living, apps, before: new Date(clock.now().getTime() - goneMs) });
}
