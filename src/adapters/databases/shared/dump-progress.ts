import type { RunContext } from "../../../domain/run.ts";

const intervalMs = 500;

/** Reports the bytes of a dump as they come, twice a second at most. `bytesTotal` is an estimate. */
export function dumpProgress(run: RunContext, subject: string, bytesTotal?: number): (bytesDone: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (bytesDone) => {
    const now = performance.now();
    if (now - last < intervalMs) return;
    last = now;
    run.emit({
      type: "step-progress",
      step: { phase: "dump", subject },
      progress: { bytesDone, ...(bytesTotal === undefined ? {} : { bytesTotal: Math.max(bytesTotal, bytesDone) }) },
    });
  };
}
