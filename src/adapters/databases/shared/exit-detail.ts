import type { Exit } from "../../../base/process/command.ts";

const telling = /\b(error|fatal|failed|denied|refused|cannot|could not|unexpected|invalid|no such)\b/i;
const longest = 300;

/** How a program ended, for messages: `status 1` or `killed by SIGKILL`. */
export function endingOf(exit: Pick<Exit, "code" | "signal">): string {
  return exit.signal === null ? `status ${exit.code ?? "unknown"}` : `killed by ${exit.signal}`;
}

/** One line out of a failed program's standard error: the first that tells of an error, else the last one. */
export function exitDetail(program: string, exit: Pick<Exit, "code" | "signal" | "stderr">): string {
  const lines = exit.stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const line = lines.find((text) => telling.test(text)) ?? lines.at(-1);
  const ending = `${program}: ${endingOf(exit)}`;
  if (line === undefined) return ending;
  const short = line.length > longest ? `${line.slice(0, longest)}…` : line;
  return `${short.replace(/^\S+: (error|fatal): /i, "")} (${ending})`;
}
