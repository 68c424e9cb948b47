import { failure } from "../../base/errors/error.ts";
import type { Keep } from "../atoms/keep.ts";
import type { Verdict } from "../snapshot.ts";
import { applyKeep, type DatedSnapshot, type Decision } from "./apply-keep.ts";
import { parseStoredTime } from "./instant.ts";

export interface RetentionSnapshot extends DatedSnapshot {
  app: string;
  verdict: Verdict;
  /** A person wants it to stay. */
  pinned: boolean;
  /** Whether this state saw it being stored: another may have been put there by whoever holds the credentials. */
  own?: boolean;
}

export interface RetentionContext {
  now: Date;
  /** The app's last run into this destination failed, or what it left there is partial or suspect. */
  lastRunBad: boolean;
  /**
   * Only `own` snapshots count and may go, as in an append-only destination: there an attacker who may add could else push
   * good snapshots out with many of other dates (restic's documentation, "Security considerations in append-only mode").
   */
  onlyOwn?: boolean;
}

export const reasonTexts = {
  pinned: "pinned",
  newestGood: "newest good",
  newestUnproven: "newest unproven, and none is good",
  notOwn: "append-only, and not seen being stored",
  lastRunBad: "nothing is forgotten after a bad run",
  clockBehind: "nothing is forgotten while the clock is behind the newest snapshot",
} as const;

/**
 * Decides over the history of one app in one destination: the policy, and above it law 2. Snapshots that are unproven,
 * partial or suspect are counted apart, so that they take no bucket from good ones; pinned ones and the newest good one (where none is good,
 * the newest unproven one) always stay; after a bad run, and while the clock is behind the newest snapshot, all stay. With `onlyOwn`,
 * those that are not own stay, and neither take a bucket nor hold anything back.
 * Newest first; every decision has a reason.
 */
export function decideRetention(
  history: readonly RetentionSnapshot[],
  keep: Keep,
  { now, lastRunBad, onlyOwn = false }: RetentionContext,
): Decision[] {
  const snapshots = newestFirst(history);
  const counted = onlyOwn ? snapshots.filter(({ own }) => own === true) : snapshots;
  const byPolicy = new Map(
    classes
      .flatMap((verdicts) =>
        applyKeep(
          counted.filter(({ verdict }) => verdicts.includes(verdict)),
          keep,
          now,
        ),
      )
      .map((decision) => [decision.id, decision]),
  );
  const held = heldBack(counted, now, lastRunBad);
  const newest = newestWorthKeeping(counted);

  return snapshots.map((snapshot) => {
    const decided = byPolicy.get(snapshot.id);
    const reasons = [
      ...(snapshot.pinned ? [reasonTexts.pinned] : []),
      ...(onlyOwn && snapshot.own !== true ? [reasonTexts.notOwn] : []),
      ...(snapshot.id === newest?.id ? [newest.reason] : []),
      ...(decided?.keep === true ? decided.reasons : []),
      ...held,
    ];
    return reasons.length > 0
      ? { id: snapshot.id, keep: true, reasons }
      : { id: snapshot.id, keep: false, reasons: decided?.reasons ?? [] };
  });
}

/**
 * The last guard before `restic forget`: throws HF_FORGET_REFUSED if the decisions would leave an app that has a good
 * snapshot in `destination` without any, or, where none is good, an app that has an unproven one without any.
 */
export function assertSafe(
  decisions: readonly Decision[],
  history: readonly RetentionSnapshot[],
  destination: string,
): void {
  const forgotten = new Set(decisions.filter(({ keep }) => !keep).map(({ id }) => id));
  for (const app of new Set(history.map((snapshot) => snapshot.app))) {
    const own = history.filter((snapshot) => snapshot.app === app);
    const precious = own.filter(({ verdict }) => verdict === bestVerdict(own));
    if (precious.length > 0 && precious.every(({ id }) => forgotten.has(id))) {
      throw failure("HF_FORGET_REFUSED", { destination, app });
    }
  }
}

/** Counted apart from each other, so that what may not be whole takes no bucket from what is. */
const classes: readonly (readonly Verdict[])[] = [["good"], ["unproven"], ["partial", "suspect"]];

const bestVerdict = (snapshots: readonly RetentionSnapshot[]): "good" | "unproven" =>
  snapshots.some(({ verdict }) => verdict === "good") ? "good" : "unproven";

/** Equal instants are ordered by id, so that the same history always gets the same answer. */
function newestFirst(history: readonly RetentionSnapshot[]): RetentionSnapshot[] {
  return history
    .map((snapshot) => ({ snapshot, instant: parseStoredTime(snapshot.time).instant }))
    .sort((a, b) => {
      if (a.instant !== b.instant) return a.instant < b.instant ? 1 : -1;
      return a.snapshot.id < b.snapshot.id ? -1 : 1;
    })
    .map(({ snapshot }) => snapshot);
}

function newestWorthKeeping(snapshots: readonly RetentionSnapshot[]): { id: string; reason: string } | undefined {
  const best = bestVerdict(snapshots);
  const newest = snapshots.find(({ verdict }) => verdict === best);
  if (newest === undefined) return undefined;
  return { id: newest.id, reason: best === "good" ? reasonTexts.newestGood : reasonTexts.newestUnproven };
}

function heldBack(snapshots: readonly RetentionSnapshot[], now: Date, lastRunBad: boolean): string[] {
  const [newest] = snapshots;
  const behind = newest !== undefined && parseStoredTime(newest.time).instant > BigInt(now.getTime()) * 1_000_000n;
  return [...(lastRunBad ? [reasonTexts.lastRunBad] : []), ...(behind ? [reasonTexts.clockBehind] : [])];
}
