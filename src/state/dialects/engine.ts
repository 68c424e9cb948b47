import type { Kysely } from "kysely";
import type { Schema } from "../schema.ts";

/** An opened state, before its schema is looked at. */
export interface Engine {
  kind: "sqlite" | "postgres";
  db: Kysely<Schema>;
  /** The file or the database, for messages: without a password. */
  place: string;
  /** Tables where ours would be made. */
  tables(): Promise<string[]>;
}
