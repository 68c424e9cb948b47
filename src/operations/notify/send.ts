import { openNotifier } from "../../adapters/notifiers/registry.ts";
import { isFailure, problem, toProblem, type Problem } from "../../base/errors/error.ts";
import type { Notification, NotifierDeclaration } from "../../domain/notification.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { secretResolver } from "../context/secrets.ts";

/** A far side that says nothing for so long is not waited for. */
const attemptLimitMs = 15_000;

/** Sends one notification at once; gives what kept it from being sent. Throws nothing. */
export async function send(
  holdfast: Holdfast,
  notifier: NotifierDeclaration,
  notification: Notification,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const { name } = notifier;
  const limit = AbortSignal.timeout(attemptLimitMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    const opened = await openNotifier(notifier, { name, resolveSecret: secretResolver(holdfast) });
    either.throwIfAborted();
    await opened.send(notification, either);
    return undefined;
  } catch (error) {
    if (isFailure(error, "HF_NOTIFY_FAILED")) return error.problem;
    if (limit.aborted) {
      return failed(name, `there was no answer within ${attemptLimitMs / 1000} seconds.`);
    }
    if (signal.aborted) return failed(name, "there was no answer yet when Holdfast had to end.");
    return toProblem(error);
  }
}

function failed(notifier: string, detail: string): Problem {
  return problem("HF_NOTIFY_FAILED", { notifier, detail });
}
