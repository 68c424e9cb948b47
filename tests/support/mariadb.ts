import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { Server } from "./server.ts";

export interface MariadbDetails {
  host: string;
  port: number;
  socket: string;
  /** May do everything. */
  user: string;
  password: string;
}

const patienceMs = 60_000;

/** A MariaDB of its own, with a binary log, as user `mysql` when we are root. */
export async function startMariadb(folder: string): Promise<Server<MariadbDetails>> {
  const data = join(folder, "data");
  const details: MariadbDetails = {
    host: "127.0.0.1",
    port: await freePort(),
    socket: join(folder, "mariadb.sock"),
    user: "root",
    password: 'it\'s a "quoted" \\ # pass;word',
  };
  mkdirSync(data, { recursive: true });
  chmodSync(folder, 0o755);
  const root = process.getuid?.() === 0;
  if (root) for (const path of [folder, data]) chownSync(path, idOf("-u"), idOf("-g"));
  const asUser = root ? ["--user=mysql"] : [];
  run("mariadb-install-db", [
    "--no-defaults",
    ...asUser,
    `--datadir=${data}`,
    `--tmpdir=${data}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ]);
  const log = openSync(join(folder, "mariadb.log"), "a");
  const server = spawn(
    "/usr/sbin/mariadbd",
    [
      "--no-defaults",
      ...asUser,
      `--datadir=${data}`,
      `--tmpdir=${data}`,
      `--socket=${details.socket}`,
      `--pid-file=${join(folder, "mariadb.pid")}`,
      "--bind-address=127.0.0.1",
      `--port=${details.port}`,
      "--skip-name-resolve",
      "--event-scheduler=OFF",
      "--innodb-buffer-pool-size=64M",
      "--innodb-flush-log-at-trx-commit=2",
      "--max-allowed-packet=64M",
    ],
    { stdio: ["ignore", log, log] },
  );
  const ended = once(server, "exit");
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await ended;
  };
  try {
    await untilItAnswers(server, details.socket, folder);
    setPasswords(details);
  } catch (error) {
    await stop();
    throw error;
  }
  return { details, stop };
}

async function untilItAnswers(server: ChildProcess, socket: string, folder: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!answers(socket)) {
    if (server.exitCode !== null || Date.now() > deadline) {
      throw new Error(`mariadbd did not start: see ${folder}/mariadb.log`);
    }
    await pause(50);
  }
}

function setPasswords({ socket, password }: MariadbDetails): void {
  const quoted = password.replaceAll("\\", "\\\\").replaceAll("'", "''");
  const statements = [
    `ALTER USER root@localhost IDENTIFIED BY '${quoted}'`,
    `CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY '${quoted}'`,
    "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION",
  ];
  run("mariadb", ["--no-defaults", `--socket=${socket}`, "-u", "root"], statements.join(";"));
}

function answers(socket: string): boolean {
  return spawnSync("mariadb-admin", ["--no-defaults", `--socket=${socket}`, "-u", "root", "ping"]).status === 0;
}

function idOf(which: "-u" | "-g"): number {
  return Number(spawnSync("id", [which, "mysql"], { encoding: "utf8" }).stdout.trim());
}

function run(program: string, args: string[], input = ""): void {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}
