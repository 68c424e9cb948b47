import type { Clock } from "../../src/base/clock.ts";
import { readConfig } from "../../src/adapters/sources/yaml.ts";
import type { Inventory } from "../../src/domain/declaration.ts";
import { merge } from "../../src/domain/merge.ts";
import type { Database } from "../../src/state/open.ts";
import { kinds } from "../config/kinds.ts";

/** What a holdfast.yaml declares. */
export function declaredBy(yaml: string): Inventory {
  const declared = readConfig(yaml, "holdfast.yaml", { kinds, device: "box" });
  const inventory = merge([{ rank: 1, declared }], { home: "/var/lib/holdfast", device: "box" });
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
  state: Database;
  declared: Inventory;
  clock: SetClock;
  deviceName: string;
}

export function deciding(state: Database, yaml: string, clock: SetClock): Deciding {
  return { state, declared: declaredBy(yaml), clock, deviceName: "box" };
}
