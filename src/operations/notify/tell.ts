import { notifierKinds } from "../../adapters/notifiers/registry.ts";
import { redact } from "../../base/secrets/secret.ts";
import type { Notification, NotifierDeclaration } from "../../domain/notification.ts";
import { wantedBy, type Told } from "../../domain/notification-rules.ts";
import { addToOutbox } from "../../state/queries/outbox.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** What is needed to tell something; with a transaction as its state, it is told when that is kept. */
export type Telling = Pick<Holdfast, "acting" | "clock" | "declared" | "deviceName" | "state">;

/** Whether anybody is to be told of anything: where nobody is, nothing needs to be looked up. */
export function hasNotifiers({ acting, declared }: Pick<Holdfast, "acting" | "declared">): boolean {
  return acting && declared.notifications.some(({ enabled }) => enabled);
}

/**
 * Puts into the outbox what each notifier wants of a happening; `deliver` sends it. A Holdfast that does not act tells
 * nothing. Throws what the state throws.
 */
export async function tell(holdfast: Telling, told: Told): Promise<void> {
  if (!hasNotifiers(holdfast)) return;
  const entries = holdfast.declared.notifications.flatMap((notifier) => {
    const notification = wantedBy(notifier, usualOf(notifier), told);
    return notification === undefined ? [] : [{ notifier: notifier.name, notification: clean(notification) }];
  });
  if (entries.length > 0) await addToOutbox(holdfast.state, entries, holdfast.clock.now());
}

function usualOf({ type }: NotifierDeclaration) {
  return notifierKinds.find((kind) => kind.type === type)?.usual ?? [];
}

/** The texts of problems come from other programs. */
function clean(notification: Notification): Notification {
  const { title, what, why, todo } = notification;
  return {
    ...notification,
    title: redact(title),
    what: redact(what),
    ...(why === undefined ? {} : { why: redact(why) }),
    ...(todo === undefined ? {} : { todo: redact(todo) }),
  };
}
