import { createInterface } from "node:readline/promises";

/** Asks for yes or no; anything but yes is no, also the end of input. Throws AbortError when `signal` aborts. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => {
    reader.once("close", () => resolve(""));
  });
  // readline takes Ctrl-C for itself while it asks.
  reader.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), ended]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    reader.close();
  }
}
