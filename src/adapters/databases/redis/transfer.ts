import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../../base/errors/error.ts";
import type { Exit } from "../../../base/process/command.ts";
import type { Pin } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { cliCommand, connectionFailure, type RedisConnection } from "./connection.ts";

/** An RDB on its way from the server; its moment is that of the server's fork. */
export interface RdbPin extends Pin {
  /** Path of the whole RDB, once it has arrived. Throws HF_DUMP_FAILED, HF_DATABASE_*. */
  arrived(onBytes: (bytes: number) => void): Promise<string>;
}

const lookMs = 250;

/**
 * Asks the server for an RDB and waits for its fork. A server that sends straight from memory (the default since 7.0)
 * forks only after its own `repl-diskless-sync-delay`, five seconds unless it says otherwise. What comes is kept in
 * `folder` at once, because a server ends a transfer that nobody reads.
 */
export async function beginTransfer(connection: RedisConnection, folder: string, run: RunContext): Promise<RdbPin> {
  const path = join(folder, `${connection.name}.rdb`);
  const file = await open(path, "w+", 0o600);
  const stopping = new AbortController();
  let tell: () => void = () => undefined;
  const forked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const finished = connection.executor
    .run(cliCommand(connection, "--rdb", "-"), {
      stdoutFile: file.fd,
      signal: AbortSignal.any([run.signal, stopping.signal]),
      onErrorLine: (line) => {
        // The server answers with the RDB's header when its child has begun to write.
        if (line.startsWith("SYNC sent to master, writing")) tell();
      },
    })
    .then(async (exit) => {
      // A server that sends without knowing the length ends with a mark that is no part of the RDB.
      await file.truncate(payloadBytes(connection, exit));
    });
  let over = false;
  const ended = finished.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    stopping.abort();
    await ended;
    await file.close();
    await rm(path, { force: true });
  };
  const pin = {
    release: (): Promise<void> => (released ??= release()),
    async arrived(onBytes: (bytes: number) => void): Promise<string> {
      while (!over) {
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, lookMs))]);
        onBytes((await file.stat()).size);
      }
      await finished;
      return path;
    },
  };
  try {
    await Promise.race([forked, finished]);
    return { ...pin, pinnedAt: run.clock.now() };
  } catch (error) {
    await pin.release();
    throw error;
  }
}

function payloadBytes({ name }: RedisConnection, exit: Exit): number {
  const trouble = connectionFailure(name, exit);
  const bytes = /Transfer finished with success after (\d+) bytes/.exec(exit.stderr)?.[1];
  if (trouble === undefined && bytes !== undefined) return Number(bytes);
  const begun = exit.stderr.includes("SYNC sent to master, writing");
  if (trouble !== undefined && !begun) throw trouble;
  throw failure("HF_DUMP_FAILED", { database: name, detail: exitDetail("redis-cli", exit) }, { cause: trouble });
}
