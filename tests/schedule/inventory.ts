import type { Clock } from "../../src/base/clock.ts";
import { readConfig } from "../../src/adapters/sources/yaml.ts";
import type { Inventory } from "../../src/domain/declaration.ts";
import { merge } from "../../src/domain/merge.ts";
import type { Database } from "../../src/state/open.ts";
import { kinds } from "../config/kinds.ts";

/** What a holdfast.yaml declares. */
export function declaredBy(yaml: string, device = "box"): Inventory {
  const declared = readConfig(yaml, "holdfast.yaml", { kinds, device });
  const inventory = merge([{ rank: 1, declared }], { home: "/var/lib/holdfast", device });
  if (inventory.problems.length > 0) throw new Error(JSON.stringify(inventory.problems));
  return inventory;
}

/** A clock that stands where it was set. */
export interface SetClock extends Clock {
  set(to: string | Date): Date;
}

export function setClock(at: string): SetClock {
  let now = new Date(at);
  return { now: () => now, set: (to) => (now = new Date(to)) };
}

/** As much of a Holdfast as deciding needs. */
export interface Deciding {
  acting: boolean;
  state: Database;
  declared: Inventory;
  clock: SetClock;
  deviceName: string;
}

/** The same file on another node, on the same state. */
export function onNode(holdfast: Deciding, yaml: string, node: string): Deciding {
  return { ...holdfast, declared: declaredBy(yaml, node), deviceName: node };
}

export function deciding(state: Database, yaml: string, clock: SetClock): Deciding {
  return { acting: true, state, declared: declaredBy(yaml), clock, deviceName: "box" };
}
