import { setTimeout as sleep } from "node:timers/promises";

const usualLimitMs = 90_000;
const pauseMs = 100;

/** Waits until something holds; fails, with what it is called, when that takes too long. */
export async function until(holds: () => Promise<boolean>, limitMs = usualLimitMs): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`It did not happen within ${limitMs / 1000} s: ${holds.toString()}`);
    await sleep(pauseMs);
  }
}
