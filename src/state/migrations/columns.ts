import { PostgresAdapter, sql, type ColumnDefinitionBuilder, type Kysely, type RawBuilder } from "kysely";
import type { Schema } from "../schema.ts";

export interface Columns {
  /** Compared byte by byte on both engines: PostgreSQL would else follow the language that it was set up for. */
  text: "text" | RawBuilder<unknown>;
  /** An id that the database hands out, each larger than those before. */
  counted: { type: "integer" | "bigint"; build: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder };
}

/** The types that the two engines spell differently. */
export function columnsOf(db: Kysely<Schema>): Columns {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) {
    return { text: "text", counted: { type: "integer", build: (column) => column.primaryKey().autoIncrement() } };
  }
  return {
    text: sql`text collate "C"`,
    counted: { type: "bigint", build: (column) => column.primaryKey().generatedByDefaultAsIdentity() },
  };
}
