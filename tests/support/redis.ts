import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { Server } from "./server.ts";

export interface RedisDetails {
  host: string;
  port: number;
  password: string;
  /** The server's process: tests that take the server away end it. */
  pid: number;
}

const patienceMs = 60_000;

/** A Redis of its own with a password, which forks for a replica at once. */
export async function startRedis(folder: string, ...more: string[]): Promise<Server<RedisDetails>> {
  const port = await freePort();
  const password = "redis-test-password";
  const log = openSync(join(folder, "redis.log"), "a");
  const settings = [
    "--bind",
    "127.0.0.1",
    "--port",
    String(port),
    "--dir",
    folder,
    "--save",
    "",
    "--requirepass",
    password,
    "--repl-diskless-sync-delay",
    "0",
    // For DEBUG DIGEST, the server's own fingerprint of all that it holds.
    "--enable-debug-command",
    "local",
  ];
  const server = spawn("redis-server", [...settings, ...more], { stdio: ["ignore", log, log] });
  const ended = once(server, "exit");
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + patienceMs;
  const answers = (): boolean =>
    spawnSync("redis-cli", ["-p", String(port), "ping"], {
      env: { ...process.env, REDISCLI_AUTH: password },
      encoding: "utf8",
    }).stdout.includes("PONG");
  while (!answers()) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`redis-server did not start: see ${folder}/redis.log`);
    }
    await pause(20);
  }
  return { details: { host: "127.0.0.1", port, password, pid: server.pid ?? 0 }, stop };
}
