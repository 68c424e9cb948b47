import { databaseKinds } from "../../src/adapters/databases/registry.ts";
import { destinationKinds } from "../../src/adapters/destinations/registry.ts";
import { configSchema, type Kinds } from "../../src/adapters/sources/schema.ts";

/** The kinds that Holdfast really has. */
export const kinds: Kinds = { databases: databaseKinds, destinations: destinationKinds };

export const schema = configSchema(kinds);
