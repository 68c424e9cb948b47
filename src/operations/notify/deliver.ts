import { setTimeout as sleep } from "node:timers/promises";
import { render, type Problem } from "../../base/errors/error.ts";
import { redact } from "../../base/secrets/secret.ts";
import type { NotifierDeclaration } from "../../domain/notification.ts";
import {
  claimNext,
  drop,
  dropAllOf,
  forgetDelivered,
  markSent,
  notifiersWaitedFor,
  postpone,
  type OutboxEntry,
} from "../../state/queries/outbox.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { send } from "./send.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** How long after the first, second, … failed attempt the next one comes; the last one holds for all further ones. */
const backOffMs = [10_000, minuteMs, 5 * minuteMs, 30 * minuteMs, 120 * minuteMs];
/** After so long nobody wants to hear of it. */
const givenUpAfterMs = dayMs;
/** That a run has started is told at once or not at all: later it would only mislead. */
const startedIsNewsForMs = minuteMs;
/** Longer than one attempt takes, its secrets included: then its sender is dead. */
const leaseMs = 2 * minuteMs;
/** While one notifier hangs, the others are looked after so often. */
const lookEveryMs = 1000;
const rememberedMs = 30 * dayMs;

/**
 * Sends all that is due: the notifiers side by side, each one's in order. What fails is tried again later and is what this
 * gives; nothing of it is thrown. Ends when nothing more is due, or soon after `signal` aborts. Throws what the state throws.
 */
export async function deliver(holdfast: Holdfast, { signal }: { signal: AbortSignal }): Promise<Problem[]> {
  const waiting = await notifiersWaitedFor(holdfast.state);
  if (waiting.length === 0) return [];
  await dropUnwanted(holdfast, waiting);
  const notifiers = holdfast.declared.notifications.filter(({ enabled }) => enabled);
  const failed: Problem[] = [];
  const busy = new Map<string, Promise<void>>();
  try {
    do {
      for (const notifier of notifiers.filter(({ name }) => !busy.has(name))) {
        const ended = deliverBy(holdfast, notifier, signal).then((found) => {
          busy.delete(notifier.name);
          if (found !== undefined) failed.push(found);
        });
        busy.set(notifier.name, ended);
      }
      await soonOr(Promise.all(busy.values()));
    } while (busy.size > 0);
  } finally {
    await Promise.allSettled(busy.values());
  }
  await forgetDelivered(holdfast.state, new Date(holdfast.clock.now().getTime() - rememberedMs).toISOString());
  return failed;
}

/** Sends what is due of one notifier, up to the first that fails; gives why that one failed. */
async function deliverBy(
  holdfast: Holdfast,
  notifier: NotifierDeclaration,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  while (!signal.aborted) {
    const now = holdfast.clock.now();
    const entry = await claimNext(holdfast.state, notifier.name, {
      now: now.toISOString(),
      until: new Date(now.getTime() + leaseMs).toISOString(),
      holdsUpUntilAttempts: backOffMs.length,
    });
    if (entry === undefined) return undefined;
    if (isOld(entry, now)) {
      await drop(holdfast.state, entry.id, now.toISOString(), "A run that started is told at once or not at all.");
      continue;
    }
    const found = await send(holdfast, notifier, entry.notification, signal);
    if (found !== undefined) {
      await putOff(holdfast, entry, redact(render(found).message));
      return found;
    }
    await markSent(holdfast.state, entry.id, holdfast.clock.now().toISOString());
  }
  return undefined;
}

function isOld({ notification, createdAt }: OutboxEntry, now: Date): boolean {
  // One of a clock that was ahead is of no known age.
  return notification.kind === "started" && Math.abs(now.getTime() - Date.parse(createdAt)) > startedIsNewsForMs;
}

async function putOff(holdfast: Holdfast, entry: OutboxEntry, why: string): Promise<void> {
  const now = holdfast.clock.now();
  const next = now.getTime() + (backOffMs[entry.attempts - 1] ?? backOffMs.at(-1) ?? 0);
  const limit = entry.notification.kind === "started" ? startedIsNewsForMs : givenUpAfterMs;
  const inTime = next - Date.parse(entry.createdAt) <= limit;
  if (inTime) await postpone(holdfast.state, entry.id, new Date(next).toISOString(), why);
  else await drop(holdfast.state, entry.id, now.toISOString(), why);
}

/**
 * Drops what waits for notifiers that are disabled, and after a day what waits for those that are not declared here: another
 * process on this state may declare them. A declaration with mistakes may have lost one: then it goes on waiting.
 */
async function dropUnwanted(holdfast: Holdfast, waiting: readonly string[]): Promise<void> {
  const { notifications, problems } = holdfast.declared;
  if (problems.length > 0) return;
  const now = holdfast.clock.now();
  const at = now.toISOString();
  const declared = new Map(notifications.map(({ name, enabled }): [string, boolean] => [name, enabled]));
  const disabled = waiting.filter((name) => declared.get(name) === false);
  await dropAllOf(holdfast.state, disabled, { before: at, at, why: "Its notifier is disabled." });
  const undeclared = waiting.filter((name) => !declared.has(name));
  const before = new Date(now.getTime() - givenUpAfterMs).toISOString();
  await dropAllOf(holdfast.state, undeclared, { before, at, why: "Its notifier is no longer declared." });
}

/** Waits for `work`, but not longer than until it is time to look again. */
async function soonOr(work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const soon = sleep(lookEveryMs, undefined, { signal: over.signal }).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
  });
  try {
    await Promise.race([work, soon]);
  } finally {
    over.abort();
  }
}
