import { readFileSync, readdirSync } from "node:fs";

/** How many programs of this name (at most 15 characters) this process has running as its own children. Linux only. */
export function childrenNamed(name: string): number {
  return childPids().filter((pid) => textOf(`/proc/${pid}/comm`).trim() === name).length;
}

function childPids(): string[] {
  return readdirSync("/proc/self/task").flatMap((thread) =>
    textOf(`/proc/self/task/${thread}/children`)
      .split(" ")
      .filter((pid) => pid !== ""),
  );
}

/** Empty for what has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(String(error.code))) return "";
    throw error;
  }
}
