import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ownerVariable } from "./environment.ts";
import { ownerToken, type Owner } from "./owner.ts";

/** Processes that a dead Holdfast left behind. They are found by their environment, so none is missed in a race. */
export function orphansOf(owner: Owner): number[] {
  const mark = `${ownerVariable}=${ownerToken(owner)}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).includes(mark));
}

/** Ends what a dead owner left running: SIGTERM, up to `graceMs`, then SIGKILL. Gives how many there were. */
export async function endOrphans(owner: Owner, graceMs = 5000): Promise<number> {
  const found = orphansOf(owner);
  for (const pid of found) signal(pid, "SIGTERM");
  if (!(await allGone(owner, graceMs))) {
    for (const pid of orphansOf(owner)) signal(pid, "SIGKILL");
    // One that waits for a device answers to SIGKILL only when the device does: nobody can wait for that.
    await allGone(owner, graceMs);
  }
  return found.length;
}

async function allGone(owner: Owner, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (orphansOf(owner).length > 0) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch (error) {
    // Gone meanwhile, or another user's: then it is none of ours.
    if (
      error instanceof Error &&
      "code" in error &&
      ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(String(error.code))
    )
      return [];
    throw error;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
