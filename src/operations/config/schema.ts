import { databaseKinds } from "../../adapters/databases/registry.ts";
import { destinationKinds } from "../../adapters/destinations/registry.ts";
import { notifierKinds } from "../../adapters/notifiers/registry.ts";
import { configSchema } from "../../adapters/sources/schema.ts";

/** Everything that can stand in a holdfast.yaml. */
export const kinds = { databases: databaseKinds, destinations: destinationKinds, notifiers: notifierKinds };

/** The JSON Schema of holdfast.yaml, for editors. */
export function configJsonSchema(): object {
  return configSchema(kinds).jsonSchema();
}
