import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const patienceMs = 60_000;

export interface ServerProgram {
  argv: readonly [string, ...string[]];
  /** The port of 127.0.0.1 that it is to listen on. */
  port: number;
  /** File that takes its output. */
  log: string;
  env?: Record<string, string>;
  cwd?: string;
}

/** Starts a program that serves in the foreground, and waits until its port answers. Gives how to stop it. */
export async function startProgram(program: ServerProgram): Promise<() => Promise<void>> {
  const output = openSync(program.log, "a");
  const [name, ...args] = program.argv;
  const child = spawn(name, args, {
    cwd: program.cwd ?? "/",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...program.env },
    stdio: ["ignore", output, output],
  });
  let died = false;
  const ended = once(child, "exit").finally(() => {
    died = true;
  });
  const stop = async (): Promise<void> => {
    if (!died) child.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + patienceMs;
  while (!(await listens(program.port))) {
    if (died || Date.now() > deadline) {
      await stop();
      throw new Error(`${name} does not serve: see ${program.log}`);
    }
    await pause(25);
  }
  return stop;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
