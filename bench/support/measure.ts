import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Program {
  argv: readonly [string, ...string[]];
  env: Record<string, string>;
  /** An open file that takes the standard output. */
  stdoutFile?: number;
}

/** Runs a program to its end and gives its wall time in milliseconds. Throws with its output unless it exits 0. */
export async function timed({ argv, env, stdoutFile }: Program): Promise<number> {
  const [program, ...args] = argv;
  const started = performance.now();
  const child = spawn(program, args, { env, stdio: ["ignore", stdoutFile ?? "pipe", "pipe"] });
  let output = "";
  for (const pipe of [child.stdout, child.stderr]) pipe?.setEncoding("utf8").on("data", (text) => (output += text));
  await once(child, "close");
  if (child.exitCode !== 0) {
    throw new Error(`${argv.join(" ")} ended with ${child.exitCode ?? child.signalCode}:\n${output.slice(-4000)}`);
  }
  return performance.now() - started;
}

/** The wall time of some work, in milliseconds. */
export async function wall(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Measures both in every round, and turns their order each time: whatever the machine does besides meets both alike, and
 * neither always profits from the other's warm caches. `before` prepares each measurement and is not timed.
 */
export async function pair(
  round: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  before: () => Promise<unknown> = async () => undefined,
): Promise<{ ours: number; theirs: number }> {
  const measured = { ours: 0, theirs: 0 };
  const order = round % 2 === 0 ? (["theirs", "ours"] as const) : (["ours", "theirs"] as const);
  for (const side of order) {
    await before();
    measured[side] = await (side === "ours" ? ours() : theirs());
  }
  return measured;
}

/** Lets the kernel finish writing what the one before has left, so that the next does not wait for it. */
export async function quietDisk(): Promise<void> {
  await timed({ argv: ["sync"], env: systemEnvironment() });
}

/** Nothing of the person who runs the benchmark but the way to the system's programs. */
export function systemEnvironment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8" };
}
