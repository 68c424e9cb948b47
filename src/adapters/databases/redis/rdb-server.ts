import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isFailure, failure } from "../../../base/errors/error.ts";
import type { Exit } from "../../../base/process/command.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import type { RedisConnection } from "./connection.ts";
import { connectResp, type RespClient } from "./resp.ts";

const waitMs = 20;

/**
 * Runs a private server that has loaded an RDB file, reachable only through a socket that nobody else may open, and
 * hands a connection to `use`. It writes nothing. Throws HF_LOAD_FAILED when it refuses the file.
 */
export async function withRdbServer<T>(
  connection: RedisConnection,
  rdb: string,
  signal: AbortSignal,
  use: (client: RespClient) => Promise<T>,
): Promise<T> {
  const { name, tools, executor } = connection;
  // Socket paths may have 107 bytes; a scratch folder may be deeper than that.
  const folder = await mkdtemp(join(tmpdir(), "holdfast-redis-"));
  const socket = join(folder, "socket");
  const argv = [
    tools.path("server"),
    ...["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--daemonize", "no"],
    ...["--dir", dirname(rdb), "--dbfilename", basename(rdb), "--save", "", "--appendonly", "no"],
    ...["--databases", "16384", "--protected-mode", "no"],
  ] as const;
  const command = { argv: [tools.path("server"), ...argv.slice(1)] } as const;
  const stopping = new AbortController();
  let exit: Exit | undefined;
  const running = executor.run(command, { signal: AbortSignal.any([signal, stopping.signal]) }).then((found) => {
    exit = found;
  });
  const ended = running.catch(() => undefined);
  try {
    for (;;) {
      const client = await tryConnect(socket);
      if (client !== undefined) {
        try {
          return await use(client);
        } finally {
          client.close();
        }
      }
      signal.throwIfAborted();
      if (exit !== undefined) throw failure("HF_LOAD_FAILED", { database: name, detail: refusal(exit) });
      await Promise.race([running, pause(waitMs)]);
    }
  } catch (error) {
    if (isFailure(error, "HF_PROGRAM_MISSING")) {
      throw failure(
        "HF_PROGRAM_MISSING",
        { program: tools.path("server"), package: `${tools.family}-server` },
        { cause: error },
      );
    }
    throw error;
  } finally {
    stopping.abort();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** A connection to a server that has finished loading; undefined while it has not. */
async function tryConnect(socket: string): Promise<RespClient | undefined> {
  let client: RespClient | undefined;
  try {
    client = await connectResp(socket);
    await client.send([["PING"]]);
    return client;
  } catch (error) {
    client?.close();
    const text = error instanceof Error ? error.message : "";
    if (/ENOENT|ECONNREFUSED|ECONNRESET|^LOADING|ended the connection/.test(text)) return undefined;
    throw error;
  }
}

/** The server's last words: it logs to standard output. */
function refusal(exit: Exit): string {
  const line = exit.stdout
    .split("\n")
    .find((text) => /fatal|error|can't|wrong|bad/i.test(text) && !/overcommit/i.test(text));
  return line === undefined ? exitDetail("redis-server", exit) : line.replace(/^.*? [#*] /, "").trim();
}
