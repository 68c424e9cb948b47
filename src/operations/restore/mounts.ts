import { readFile } from "node:fs/promises";
import { failure } from "../../base/errors/error.ts";
import { isBelow } from "../../domain/plan/backup.ts";

/** Field 5 of /proc/self/mountinfo (proc(5)), with its octal escapes undone. */
export async function mountPoints(): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .map((path) =>
      path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}

/**
 * Throws HF_RESTORE_FAILED when something is mounted below a path: moving a folder aside would carry that along, and
 * removing it later would empty it.
 */
export async function refuseMountsBelow(paths: string[]): Promise<void> {
  const mounted = await mountPoints();
  for (const path of paths) {
    const below = mounted.find((point) => point !== path && isBelow(path, point));
    if (below === undefined) continue;
    throw failure("HF_RESTORE_FAILED", {
      what: path,
      detail: `another file system is mounted at ${below}; restore to a fresh folder with --target, or unmount it first`,
    });
  }
}
