import { configSchema } from "../../src/adapters/sources/schema.ts";
import { kinds } from "../../src/operations/config/schema.ts";

export { kinds };

/** The schema with the kinds that Holdfast really has. */
export const schema = configSchema(kinds);
