import { PassThrough } from "node:stream";
import { failure } from "../../../base/errors/error.ts";
import type { Exit } from "../../../base/process/command.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import type { ClientTools } from "./client-tools.ts";
import { connectionFailure, psqlCommand, type Connection } from "./connection.ts";

/**
 * A session with the server, held by a psql that reads from us: it works over any executor, also as another operating
 * system user, and keeps a transaction open between statements.
 */
export interface Session {
  /** Runs statements one after another; gives their output lines. Throws HF_DATABASE_*, HF_PROGRAM_FAILED. */
  query(sql: string): Promise<string[]>;
  /** Ends the session when its last statement has; idempotent. */
  close(): Promise<void>;
  /** Ends the session now, whatever it waits for; idempotent. */
  abort(): Promise<void>;
}

interface Waiting {
  mark: string;
  lines: string[];
  resolve(lines: string[]): void;
  reject(error: unknown): void;
}

/** Opens a session; the connection's first trouble is thrown by the first query. */
export function openSession(
  connection: Connection,
  tools: ClientTools,
  database: string,
  signal?: AbortSignal,
): Session {
  const input = new PassThrough();
  const stopping = new AbortController();
  const queue: Waiting[] = [];
  let number = 0;
  let lost: unknown;
  const onLine = (line: string): void => {
    const [current] = queue;
    if (current === undefined) return;
    if (line !== current.mark) {
      current.lines.push(line);
      return;
    }
    queue.shift();
    current.resolve(current.lines);
  };
  const end = (error: unknown): void => {
    lost = error;
    for (const waiting of queue.splice(0)) waiting.reject(error);
  };
  const ended = connection.executor
    .run(psqlCommand(connection, tools, database), {
      stdin: input,
      onLine,
      signal: signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]),
    })
    .then((exit) => end(endOf(connection, database, exit)), end);
  return {
    query(sql) {
      if (lost !== undefined) return Promise.reject(asError(lost));
      return new Promise((resolve, reject) => {
        number += 1;
        const mark = `holdfast-end-${number}`;
        queue.push({ mark, lines: [], resolve, reject });
        input.write(`${sql};\n\\echo ${mark}\n`);
      });
    },
    async close() {
      input.end();
      await ended;
    },
    async abort() {
      stopping.abort();
      await ended;
    },
  };
}

/** One query in a session of its own. */
export async function queryOnce(
  connection: Connection,
  tools: ClientTools,
  database: string,
  sql: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const session = openSession(connection, tools, database, signal);
  try {
    return await session.query(sql);
  } finally {
    await session.close();
  }
}

function endOf(connection: Connection, database: string, exit: Exit): Error {
  return (
    connectionFailure(connection.name, database, exit) ??
    failure("HF_PROGRAM_FAILED", {
      program: "psql",
      how: exit.signal ?? `status ${exit.code ?? "unknown"}`,
      detail: exitDetail("psql", exit),
    })
  );
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
