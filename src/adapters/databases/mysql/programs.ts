import { createReadStream, createWriteStream } from "node:fs";
import { failure } from "../../../base/errors/error.ts";
import { query, quoteName, quoteText, runScript, toolCommand, toolDetail, type Connection } from "./connection.ts";
import { tablesOf } from "./server.ts";

/** Views, triggers and routines (and events) of a database, as text: what cannot be renamed from one to another. */
export async function savePrograms(
  connection: Connection,
  database: string,
  file: string,
  events: boolean,
): Promise<void> {
  const { views } = await tablesOf(connection, database);
  const common = ["--no-data", "--skip-comments", "--no-tablespaces", "--skip-lock-tables"];
  const parts = [
    // With names of views the tool writes these only, and no tables.
    ...(views.length === 0 ? [] : [[...common, "--skip-triggers", "--", database, ...views]]),
    [...common, "--no-create-info", "--triggers", "--routines", events ? "--events" : "--skip-events", "--", database],
  ];
  for (const [index, options] of parts.entries()) {
    const own = connection.tools.version.flavour === "mysql" ? ["--set-gtid-purged=OFF", "--column-statistics=0"] : [];
    const exit = await connection.context.executor.run(toolCommand(connection, "dump", ...own, ...options), {
      stdout: createWriteStream(file, { flags: index === 0 ? "w" : "a", mode: 0o600 }),
    });
    if (exit.code !== 0) {
      const { dump } = connection.tools;
      throw failure("HF_PROGRAM_FAILED", { program: dump, how: `status ${exit.code}`, detail: toolDetail(dump, exit) });
    }
  }
}

/** Creates in `database` what `savePrograms` wrote. */
export async function loadPrograms(connection: Connection, database: string, file: string): Promise<void> {
  await runScript(connection, database, { stdin: createReadStream(file) });
}

/** Drops the views, triggers, routines and events of a database, or its triggers only. */
export async function dropPrograms(connection: Connection, database: string, only?: "triggers"): Promise<void> {
  const schema = quoteText(database);
  const listed = [
    ["TRIGGER", `SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = ${schema}`],
    ["VIEW", `SELECT table_name FROM information_schema.views WHERE table_schema = ${schema}`],
    ["EVENT", `SELECT event_name FROM information_schema.events WHERE event_schema = ${schema}`],
    ["PROCEDURE", routines(schema, "PROCEDURE")],
    ["FUNCTION", routines(schema, "FUNCTION")],
  ] as const;
  for (const [kind, sql] of listed) {
    if (only === "triggers" && kind !== "TRIGGER") continue;
    const names = (await query(connection, sql)).flat();
    const drops = names.map((name) => `DROP ${kind} ${quoteName(database)}.${quoteName(name)}`);
    if (drops.length > 0) await query(connection, drops.join(";\n"));
  }
}

function routines(schema: string, type: string): string {
  return `SELECT routine_name FROM information_schema.routines WHERE routine_schema = ${schema} AND routine_type = '${type}'`;
}
