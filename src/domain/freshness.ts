import type { Policy } from "./app.ts";
import { longestGapMs } from "./atoms/cron.ts";

const dayMs = 24 * 3600 * 1000;
/** A run may take its time, and start late by the jitter. */
const graceMs = 6 * 3600 * 1000;

/** How old the newest good snapshot of an app may be before it is late; without a schedule a day is expected. */
export function expectedAgeMs(policy: Policy | undefined): number {
  if (policy?.expectedAgeMs !== undefined) return policy.expectedAgeMs;
  const gap = policy?.schedule === undefined ? dayMs : longestGapMs(policy.schedule);
  return gap + (policy?.jitterMs ?? 0) + graceMs;
}
