import { setImmediate as nextTurn } from "node:timers/promises";

/** Lets long work on this thread make room for others: file calls are made in slices of a few milliseconds. */
export interface Slices {
  /** Whether the current slice is used up; ask often. */
  over(): boolean;
  /** Waits until everything else that was due has had its turn. Throws the signal's reason after a cancel. */
  next(): Promise<void>;
}

const sliceMs = 8;

export function slices(signal: AbortSignal | undefined): Slices {
  let end = performance.now() + sliceMs;
  return {
    over: () => performance.now() >= end,
    next: async () => {
      await nextTurn();
      signal?.throwIfAborted();
      end = performance.now() + sliceMs;
    },
  };
}

/** Sorts by code unit without holding the thread for long, however long the list is. */
export async function sortInSlices(names: string[], slice: Slices): Promise<string[]> {
  const runLength = 4096;
  if (names.length <= runLength) return names.sort();
  let runs: string[][] = [];
  for (let at = 0; at < names.length; at += runLength) {
    runs.push(names.slice(at, at + runLength).sort());
    if (slice.over()) await slice.next();
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], slice));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge(left: string[], right: string[], slice: Slices): Promise<string[]> {
  const result: string[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const a = left[l];
    const b = right[r];
    if (b === undefined || (a !== undefined && a <= b)) {
      result.push(a ?? "");
      l += 1;
    } else {
      result.push(b);
      r += 1;
    }
    if ((result.length & 1023) === 0 && slice.over()) await slice.next();
  }
  return result;
}
