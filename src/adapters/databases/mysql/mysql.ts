import { failure } from "../../../base/errors/error.ts";
import type { Counts, Database, DatabaseContext } from "../../../domain/database.ts";
import type { Kind } from "../../../domain/kind.ts";
import { dumpMysql, looseTables, sum } from "./dump.ts";
import { leftoversOf } from "./leftovers.ts";
import { loadMysql } from "./load.ts";
import { pinMysql, type MysqlPin } from "./pin.ts";
import { hiddenFrom } from "./rights.ts";
import { countTables, databasesOf, reachServer, settingsOf, type Server } from "./server.ts";
import { mysqlSpec, type MysqlSpec } from "./spec.ts";

type MysqlKind<Name extends string> = Kind<Name, MysqlSpec, DatabaseContext, Database>;

/** One implementation under both names: what the server is, it says itself. */
export const mysql: MysqlKind<"mysql"> = {
  type: "mysql",
  spec: mysqlSpec,
  open: async (spec, context) => openMysql(spec, context),
};
export const mariadb: MysqlKind<"mariadb"> = { ...mysql, type: "mariadb" };

/** A database, or all of them, of a server; every call makes its own connections. */
function openMysql(spec: MysqlSpec, context: DatabaseContext): Database {
  const pins = new Set<MysqlPin>();
  let reached: Promise<Server> | undefined;
  const server = (): Promise<Server> => {
    reached ??= reachServer(context, spec).catch((error: unknown) => {
      // A server that was down may be up when it is asked again.
      reached = undefined;
      throw error;
    });
    return reached;
  };
  return {
    probe: async () => {
      const { connection, facts } = await server();
      const databases = await databasesOf(connection);
      const settings = await settingsOf(connection, databases);
      const missing = databases.find((wanted) => !settings.some(({ name }) => name === wanted));
      if (missing !== undefined) throw failure("HF_DATABASE_MISSING", { database: missing });
      const leftovers = await leftoversOf(connection, databases);
      return {
        engine: facts.version.flavour,
        serverVersion: facts.version.number,
        client: { program: connection.tools.dump, version: connection.tools.version.number },
        sizeBytes: sum(settings),
        warnings: [...leftovers, ...looseTables(context.name, settings), ...(await hiddenFrom(connection, databases))],
      };
    },
    footprint: () => ({ leaveOut: [] }),
    pin: async (run) => {
      const found = await server();
      const pin = await pinMysql(found, await databasesOf(found.connection), run);
      pins.add(pin);
      return pin;
    },
    dump: async (pin, into, run) => {
      const held = [...pins].find((each) => each === pin);
      if (held === undefined) throw new Error("the pin is not of this database, or was dumped before");
      pins.delete(held);
      return dumpMysql(held, into, run);
    },
    load: async (from, expected, run) => loadMysql(await server(), from, expected, run),
    count: async () => {
      const { connection } = await server();
      const counts: Counts = {};
      for (const database of await databasesOf(connection)) {
        for (const [table, rows] of Object.entries(await countTables(connection, database))) {
          counts[spec.all ? `${database}.${table}` : table] = rows;
        }
      }
      return counts;
    },
    close: async () => {
      for (const pin of pins) await pin.release();
      pins.clear();
    },
  };
}
