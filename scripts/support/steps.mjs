import { spawn } from "node:child_process";

/** A failure that is told in its own words, without a stack. */
export class Failed extends Error {}

/** Runs a step that may take a while, as one line: `Installing packages … 31 s`. */
export async function step(title, work) {
  const began = performance.now();
  const live = process.stdout.isTTY;
  if (live) process.stdout.write(`${title} …`);
  try {
    const result = await work();
    process.stdout.write(`${live ? "" : `${title} …`} ${duration(performance.now() - began)}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${live ? "" : `${title} …`} failed\n`);
    throw error;
  }
}

export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Runs a program and keeps its output, both pipes in the order of arrival; a missing program is code 127. */
export function quietly(program, args, { env = {}, cwd } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", (error) => resolve({ code: 127, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs a program on our own terminal; gives the exit status that a shell would give. */
export function openly(program, args, { env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: "inherit", env: { ...process.env, ...env } });
    // On a terminal Ctrl-C reaches the child by itself; without one, what is sent to us is meant for it.
    const interrupt = () => process.stdin.isTTY || child.kill("SIGINT");
    const terminate = () => child.kill("SIGTERM");
    process.on("SIGINT", interrupt).on("SIGTERM", terminate);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", interrupt).off("SIGTERM", terminate);
      resolve(code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1));
    });
  });
}

/** The end of a long output, where the cause usually stands. */
export function tail(output, lines = 25) {
  return output.trimEnd().split("\n").slice(-lines).join("\n");
}

/** Runs a script's main function; what fails on purpose is told without a stack. */
export async function main(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
