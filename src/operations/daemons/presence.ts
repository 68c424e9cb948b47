import {
  enterDaemon,
  forgetDeadDaemons,
  leaveDaemon,
  livingDaemons,
  type DaemonRecord,
} from "../../state/queries/daemons.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { version } from "../version.ts";

/** Tells other processes that this one is a daemon on their state. */
export async function enter(holdfast: Holdfast, address: string): Promise<void> {
  const { owner, deviceName: node, clock } = holdfast;
  await enterDaemon(holdfast.state, { owner, node, address, version, startedAt: clock.now().toISOString() });
}

export async function leave(holdfast: Holdfast): Promise<void> {
  await leaveDaemon(holdfast.state, holdfast.owner);
}

export async function forgetDead(holdfast: Holdfast): Promise<void> {
  await forgetDeadDaemons(holdfast.state, holdfast.clock.now());
}

/** The daemons that work on this state now. */
export async function daemons(holdfast: Pick<Holdfast, "state">): Promise<DaemonRecord[]> {
  return await livingDaemons(holdfast.state);
}
