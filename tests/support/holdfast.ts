import { spawn, type ChildProcess } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binaries } from "./binaries.ts";

const launcher = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "bin", "holdfast");
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface HoldfastOptions {
  /** HOLDFAST_HOME; also HOME, so that nothing of the person who runs the tests plays a part. */
  home: string;
  /** Added to an environment that holds nothing else than PATH, HOME, LANG and HOLDFAST_HOME. */
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
  /** Another `holdfast` than this checkout's. */
  program?: string;
  /** The restic that it finds on the PATH. Default: binaries.restic.sid. */
  restic?: string;
  /** Sends a signal once: as soon as the output matches `when`, or `afterMs` after the start. */
  interrupt?: { signal: NodeJS.Signals; when: RegExp } | { signal: NodeJS.Signals; afterMs: number };
}

export interface Outcome {
  /** Exit status; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  durationMs: number;
}

export interface Running {
  pid: number;
  ended: Promise<Outcome>;
  /** Settles, with what it has said, when standard output and error so far match; fails when it ends without. */
  says: (pattern: RegExp) => Promise<string>;
  kill: (signal: NodeJS.Signals) => void;
}

/** Runs `holdfast ARGS` as a person does, and waits for its end. */
export function holdfast(args: readonly string[], options: HoldfastOptions): Promise<Outcome> {
  return startHoldfast(args, options).ended;
}

const live = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of live) child.kill("SIGKILL");
});

/** Starts `holdfast ARGS` and hands out the running process; what still runs when the test file ends is killed. */
export function startHoldfast(args: readonly string[], options: HoldfastOptions): Running {
  const began = performance.now();
  const { program = launcher, restic = binaries.restic.sid } = options;
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd ?? options.home,
    env: {
      PATH: [dirname(restic), dirname(process.execPath), systemPath].join(delimiter),
      HOME: options.home,
      LANG: "C.UTF-8",
      HOLDFAST_HOME: options.home,
      ...options.env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const listener of listeners) listener();
    });
  }
  // It may well end without reading its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");

  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...output, durationMs: performance.now() - began }));
  });
  const says = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const said = output.stdout + output.stderr;
        if (!pattern.test(said)) return;
        listeners.delete(look);
        resolve(said);
      };
      listeners.add(look);
      look();
      ended.then(
        () => reject(new Error(`holdfast ended without saying ${pattern}:\n${output.stdout}${output.stderr}`)),
        reject,
      );
    });
  const running: Running = { pid: child.pid ?? -1, ended, says, kill: (signal) => child.kill(signal) };
  interruptAsAsked(running, options.interrupt);
  live.add(child);
  child.once("close", () => live.delete(child));
  return running;
}

function interruptAsAsked({ ended, says, kill }: Running, interrupt: HoldfastOptions["interrupt"]): void {
  if (interrupt === undefined) return;
  const { signal } = interrupt;
  if ("when" in interrupt) {
    // When it ends first, the test sees that in the outcome.
    void says(interrupt.when).then(
      () => kill(signal),
      () => undefined,
    );
    return;
  }
  const timer = setTimeout(() => kill(signal), interrupt.afterMs);
  void ended.then(
    () => clearTimeout(timer),
    () => clearTimeout(timer),
  );
}
