import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, chownSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { Server } from "./server.ts";

export interface PostgresDetails {
  host: string;
  port: number;
  /** Folder of the Unix socket, where the operating system's user decides (peer authentication). */
  socket: string;
  /** Name of the superuser, who is also the operating system user of the server. */
  superuser: string;
  password: string;
  /** Folder of the server's own programs. */
  binFolder: string;
  /** The server's first process: tests that take the server away end it. */
  pid: number;
}

const patienceMs = 60_000;

/** A PostgreSQL cluster of its own, run by user `postgres` when we are root. Passwords over TCP, peers over the socket. */
export async function startPostgres(folder: string): Promise<Server<PostgresDetails>> {
  const root = process.getuid?.() === 0;
  const superuser = root ? "postgres" : (process.env["USER"] ?? "postgres");
  const binFolder = newestBin();
  const data = join(folder, "data");
  const socket = join(folder, "socket");
  const password = `pg "quoted" 'pass\\word' #1`;
  const passwordFile = join(folder, "password");
  mkdirSync(data, { mode: 0o700 });
  mkdirSync(socket);
  writeFileSync(passwordFile, `${password}\n`);
  if (root) {
    const [uid, gid] = [idOf("-u"), idOf("-g")];
    for (const path of [folder, data, socket, passwordFile]) chownSync(path, uid, gid);
    for (const path of [dirname(folder), folder]) chmodSync(path, 0o711);
    chmodSync(socket, 0o755);
  }
  const as = root ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  const initdb = spawnSync(
    join(binFolder, "initdb"),
    [
      "-D",
      data,
      "-U",
      superuser,
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
      `--pwfile=${passwordFile}`,
      "--auth-local=peer",
      "--auth-host=scram-sha-256",
    ],
    { ...as, cwd: "/", encoding: "utf8" },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`);
  const port = await freePort();
  const settings = [
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    `unix_socket_directories = '${socket}'`,
    "fsync = off",
    "full_page_writes = off",
    "shared_buffers = 32MB",
    "max_connections = 50",
    "log_min_messages = warning",
  ];
  appendFileSync(join(data, "postgresql.conf"), `${settings.join("\n")}\n`);
  const log = openSync(join(folder, "postgres.log"), "a");
  const server = spawn(join(binFolder, "postgres"), ["-D", data], { ...as, cwd: "/", stdio: ["ignore", log, log] });
  const ended = once(server, "exit");
  const stop = async (): Promise<void> => {
    // A quick shutdown: SIGINT ends the connections; SIGTERM would wait for them.
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGINT");
    await ended;
  };
  const deadline = Date.now() + patienceMs;
  const ready = (): boolean =>
    spawnSync(join(binFolder, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]).status === 0;
  while (!ready()) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`postgres did not start: see ${folder}/postgres.log`);
    }
    await pause(25);
  }
  return { details: { host: "127.0.0.1", port, socket, superuser, password, binFolder, pid: server.pid ?? 0 }, stop };
}

function newestBin(): string {
  const versions = readdirSync("/usr/lib/postgresql").map(Number).filter(Number.isInteger);
  return `/usr/lib/postgresql/${Math.max(...versions)}/bin`;
}

function idOf(which: "-u" | "-g"): number {
  return Number(spawnSync("id", [which, "postgres"], { encoding: "utf8" }).stdout.trim());
}
