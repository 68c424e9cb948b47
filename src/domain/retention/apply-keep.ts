import type { Keep } from "../atoms/keep.ts";
import { isoWeek, parseStoredTime, type StoredTime } from "./instant.ts";
import { before, beginning, parseSpan } from "./within.ts";

/** What becomes of one snapshot, and why. */
export interface Decision {
  id: string;
  keep: boolean;
  /** Never empty. */
  reasons: string[];
}

export interface DatedSnapshot {
  id: string;
  /** ISO 8601 with the offset that restic stored. */
  time: string;
}

export const noRule = "no rule keeps it";

interface Rule {
  name: "last" | "hourly" | "daily" | "weekly" | "monthly" | "yearly";
  /** Two neighbours in time with the same answer are in the same bucket. */
  bucket: (wall: Date, position: number) => string;
}

const digits = (wall: Date, length: number): string => wall.toISOString().slice(0, length);

/** In the order in which restic names them as reasons. */
const rules: readonly Rule[] = [
  { name: "last", bucket: (_, position) => String(position) },
  { name: "hourly", bucket: (wall) => digits(wall, "yyyy-mm-ddThh".length) },
  { name: "daily", bucket: (wall) => digits(wall, "yyyy-mm-dd".length) },
  { name: "weekly", bucket: isoWeek },
  { name: "monthly", bucket: (wall) => digits(wall, "yyyy-mm".length) },
  { name: "yearly", bucket: (wall) => digits(wall, "yyyy".length) },
];

/**
 * Decides as `restic forget` does for one group of snapshots (its snapshot_policy.go, 0.19.1): newest first, each rule
 * keeps the first snapshot of every new hour, day, … until it has kept as many as it may; a rule that is not yet full at
 * the oldest snapshot keeps that one too. Hours to years are read from the clock at the snapshot's own offset. `within`
 * goes back from the newest snapshot that is not in the future. Of equal instants, the one given first counts as newer
 * (restic takes them in the order in which it happens to load them). A policy without any rule keeps everything.
 * Returns newest first. One difference: restic, run in a zone with daylight saving time, lets `within` follow its clock.
 */
export function applyKeep(snapshots: readonly DatedSnapshot[], keep: Keep, now: Date): Decision[] {
  const dated = snapshots
    .map(({ id, time }) => ({ id, time: parseStoredTime(time) }))
    .sort((a, b) => compare(b.time.instant, a.time.instant));
  const span = parseSpan(keep.within);
  if (span === undefined && rules.every(({ name }) => (keep[name] ?? 0) === 0)) {
    return dated.map(({ id }) => ({ id, keep: true, reasons: ["the policy has no rule"] }));
  }
  const newest = newestUntil(now, dated);
  const limit = span === undefined ? undefined : newest === undefined ? beginning : before(newest, span);
  const buckets = rules.map((rule) => ({ rule, left: keep[rule.name] ?? 0, last: "" }));

  return dated.map(({ id, time }, position) => {
    const reasons: string[] = [];
    if (limit !== undefined && time.instant > limit) reasons.push(`within ${keep.within}`);
    const oldest = position === dated.length - 1;
    for (const state of buckets) {
      if (state.left === 0) continue;
      const bucket = state.rule.bucket(time.wall, position);
      const fresh = bucket !== state.last;
      if (!fresh && !oldest) continue;
      reasons.push(fresh ? state.rule.name : `oldest ${state.rule.name}`);
      state.last = bucket;
      state.left -= 1;
    }
    return reasons.length > 0 ? { id, keep: true, reasons } : { id, keep: false, reasons: [noRule] };
  });
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function newestUntil(now: Date, newestFirst: readonly { time: StoredTime }[]): StoredTime | undefined {
  const present = BigInt(now.getTime()) * 1_000_000n;
  return newestFirst.find(({ time }) => time.instant < present)?.time;
}
