import { failure, isFailure, type HoldfastError } from "../../../base/errors/error.ts";
import type { Counts } from "../../../domain/database.ts";
import { quoteIdentifier } from "./identifiers.ts";
import type { PostgresServer } from "./server.ts";
import { queryOnce } from "./session.ts";
import { mismatchesOf } from "./tables.ts";

export function loadFailure(server: PostgresServer, detail: string, cause?: unknown): HoldfastError {
  return failure("HF_LOAD_FAILED", { database: server.connection.name, detail }, { cause });
}

/** What went wrong in a load, as HF_LOAD_FAILED; a cancel stays a cancel. */
export function asLoadFailure(server: PostgresServer, error: unknown, signal: AbortSignal): Error {
  if (signal.aborted && signal.reason instanceof Error) return signal.reason;
  if (!(error instanceof Error)) return loadFailure(server, String(error));
  if (isFailure(error, "HF_LOAD_FAILED", "HF_PROGRAM_MISSING")) return error;
  return loadFailure(server, error.message, error);
}

/** Throws HF_LOAD_FAILED at the first table that holds another number of rows than was dumped. */
export function refuseMismatch(server: PostgresServer, expected: Counts, found: Counts): void {
  const [mismatch] = mismatchesOf(expected, found);
  if (mismatch === undefined) return;
  const rows = `${mismatch.found} rows, and ${mismatch.expected} when it was dumped`;
  throw loadFailure(server, `${mismatch.table} has ${rows}`);
}

/** Removes what a failed load has made; gives the error to throw, which names what could not be removed. */
export async function dropFresh(server: PostgresServer, names: string[], error: Error): Promise<Error> {
  try {
    for (const name of names) {
      const sql = `DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`;
      await queryOnce(server.connection, server.tools, server.maintenance, sql);
    }
    return error;
  } catch (dropping) {
    const why = dropping instanceof Error ? dropping.message : String(dropping);
    return loadFailure(
      server,
      `${error.message} What was loaded so far is still there as ${names.join(", ")}: ${why}`,
      error,
    );
  }
}
