import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { openHoldfast, type Holdfast } from "../../src/operations/context/holdfast.ts";
import type { Clock } from "../../src/base/clock.ts";
import { systemEnvironment } from "./measure.ts";

/** A homelab whose daemon is measured: a home, a holdfast.yaml, and a way to start `holdfast serve` on it. */
export interface BenchedDaemon {
  /** Opens its state within this process, as a command would. */
  open(clock?: Clock): Promise<Holdfast>;
  start(): Promise<RunningDaemon>;
}

export interface RunningDaemon {
  /** http://127.0.0.1:PORT */
  address: string;
  /** From the start of Node to the line that it is ready, in milliseconds. */
  readyMs: number;
  /** Resident memory now, in MB (10⁶ bytes). */
  memory(): number;
  /** Processor time so far, of the daemon and of what it has waited for, in milliseconds. */
  processorMs(): number;
  stop(): Promise<void>;
}

/** Nothing falls due while it is measured. */
const halfADayLater = (): string => `0 ${(new Date().getHours() + 12) % 24} * * *`;

export async function benchedDaemon(
  folder: string,
  restic: string,
  apps: readonly string[],
  destinations: readonly string[],
): Promise<BenchedDaemon> {
  const [home, config] = [join(folder, "home"), join(folder, "holdfast.yaml")];
  await mkdir(home, { recursive: true, mode: 0o700 });
  const system = systemEnvironment();
  const path = [dirname(restic), dirname(process.execPath), system["PATH"]].join(delimiter);
  const env = { ...system, PATH: path, HOME: home, HOLDFAST_HOME: home };
  const declared = {
    destinations: Object.fromEntries(
      destinations.map((name) => [name, { type: "local", path: join(folder, name), password: "bench" }]),
    ),
    policies: { default: { schedule: halfADayLater(), keep: { daily: 7, weekly: 4, monthly: 6 } } },
    apps: Object.fromEntries(apps.map((name) => [name, { paths: [`/srv/${name}`] }])),
    // Upkeep of repositories that are not there is not what is measured.
    daemon: { maintenance: { retain: halfADayLater(), prune: halfADayLater(), check: halfADayLater() } },
  };
  // JSON is YAML.
  await writeFile(config, JSON.stringify(declared), { mode: 0o600 });
  return {
    open: async (clock) =>
      await openHoldfast({
        environment: env,
        cwd: folder,
        config,
        acting: true,
        ...(clock === undefined ? {} : { clock }),
      }),
    start: async () => await startDaemon(env, config),
  };
}

async function startDaemon(env: Record<string, string>, config: string): Promise<RunningDaemon> {
  const port = await freePort();
  const began = performance.now();
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--config", config, "--json"];
  const child = spawn(process.execPath, [join(process.cwd(), "bin", "holdfast"), ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ready = new Promise<number>((resolve, reject) => {
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-10_000);
        if (output.includes('"type":"ready"')) resolve(performance.now() - began);
      });
    }
    child.once("close", () => reject(new Error(`the daemon ended:\n${output}`)));
  });
  const readyMs = await ready;
  const { pid } = child;
  return {
    address: `http://127.0.0.1:${port}`,
    readyMs,
    memory: () => (Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024) / 1e6,
    processorMs: () => processorTicks(readFileSync(`/proc/${pid}/stat`, "utf8")) * 10,
    async stop() {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
      if (child.exitCode !== 0)
        throw new Error(`the daemon ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    },
  };
}

/** utime, stime, cutime and cstime of proc(5), in ticks of 10 ms; the program's name before them may hold anything. */
function processorTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
