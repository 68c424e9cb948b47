import type { Counts, Database, DatabaseContext } from "../../../domain/database.ts";
import type { Kind } from "../../../domain/kind.ts";
import { dumpSqlite, pinSqlite, type SqlitePin } from "./dump.ts";
import { meaningOf } from "./errors.ts";
import { loadSqlite } from "./load.ts";
import { ReaderFailure, startReader, type Reader } from "./reader.ts";
import { filesOf, sqliteSpec, type SqliteSpec } from "./spec.ts";

export const sqlite: Kind<"sqlite", SqliteSpec, DatabaseContext, Database> = {
  type: "sqlite",
  spec: sqliteSpec,
  open: async (spec, context) => openSqlite(spec, context),
};

/** A SQLite file. Nothing is held open between the calls, except by a pin. */
function openSqlite(spec: SqliteSpec, context: DatabaseContext): Database {
  const pins = new Set<SqlitePin>();
  const read = async <Answer>(mode: "probe" | "count", ask: (reader: Reader) => Promise<Answer>): Promise<Answer> => {
    const reader = startReader(context, spec, mode);
    try {
      return await ask(reader);
    } catch (error) {
      throw error instanceof ReaderFailure ? meaningOf(error, context.name, spec) : error;
    } finally {
      await reader.end();
    }
  };
  return {
    probe: async () => {
      const { version, sizeBytes } = await read("probe", (reader) => reader.answer("opened"));
      return { engine: "sqlite", serverVersion: version, sizeBytes, warnings: [] };
    },
    footprint: () => ({ leaveOut: [...filesOf(spec.path)] }),
    pin: async (run) => {
      const pin = await pinSqlite(context, spec, run);
      pins.add(pin);
      return pin;
    },
    dump: async (pin, into, run) => {
      const held = [...pins].find((each) => each === pin);
      if (held === undefined) throw new Error("the pin is not of this database, or was dumped before");
      pins.delete(held);
      return dumpSqlite(context, spec, held, into, run);
    },
    load: (from, expected, run) => loadSqlite(context, spec, from, expected, run),
    count: (): Promise<Counts> => read("count", async (reader) => (await reader.answer("counted")).counts),
    close: async () => {
      for (const pin of pins) await pin.release();
      pins.clear();
    },
  };
}
