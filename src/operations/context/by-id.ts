import { failure } from "../../base/errors/error.ts";
import type { App, Policy } from "../../domain/app.ts";
import type { Inventory } from "../../domain/declaration.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { idOf } from "../../domain/ids.ts";
import type { Holdfast } from "./holdfast.ts";

type Declared = Pick<Holdfast, "declared">;

interface ById {
  apps: ReadonlyMap<string, App>;
  destinations: ReadonlyMap<string, DestinationDeclaration>;
  policies: ReadonlyMap<string, Policy>;
  /** The apps again, by the ids of their configurations. */
  configurations: ReadonlyMap<string, App>;
}

/** Once for each inventory: a thousand ids are a thousand digests. */
const known = new WeakMap<Inventory, ById>();

function byId({ declared }: Declared): ById {
  const there = known.get(declared);
  if (there !== undefined) return there;
  const made: ById = {
    apps: new Map(declared.apps.map((app) => [idOf("app", app.name), app])),
    destinations: new Map(declared.destinations.map((one) => [idOf("destination", one.name), one])),
    policies: new Map(declared.policies.map((policy) => [idOf("policy", policy.name), policy])),
    configurations: new Map(declared.apps.map((app) => [idOf("configuration", app.name), app])),
  };
  known.set(declared, made);
  return made;
}

/** The declared app of this id. Throws HF_UNKNOWN_ID. */
export function appById(holdfast: Declared, id: string): App {
  return byId(holdfast).apps.get(id) ?? unknown("app", id);
}

/** The declared destination of this id. Throws HF_UNKNOWN_ID. */
export function destinationById(holdfast: Declared, id: string): DestinationDeclaration {
  return byId(holdfast).destinations.get(id) ?? unknown("destination", id);
}

/** The declared policy of this id. Throws HF_UNKNOWN_ID. */
export function policyById(holdfast: Declared, id: string): Policy {
  return byId(holdfast).policies.get(id) ?? unknown("policy", id);
}

/** The app whose configuration has this id. Throws HF_UNKNOWN_ID. */
export function configuredAppById(holdfast: Declared, id: string): App {
  return byId(holdfast).configurations.get(id) ?? unknown("configuration", id);
}

function unknown(kind: string, id: string): never {
  throw failure("HF_UNKNOWN_ID", { kind, id });
}
