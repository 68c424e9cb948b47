import type { ZodType } from "zod";
import type { Kind } from "../../domain/kind.ts";
import type { Notification, NotificationKind } from "../../domain/notification.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import type { Secret } from "../../base/secrets/secret.ts";

/** A way to tell people. */
export interface Notifier {
  /** Sends one notification. Throws HF_NOTIFY_FAILED, also when the far side refused it. */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** What a kind of notifier is handed when it is opened. */
export interface NotifierContext {
  name: string;
  resolveSecret(ref: SecretRef): Promise<Secret>;
}

export interface NotifierKind<Type extends string = string, Spec = unknown> extends Kind<
  Type,
  Spec,
  NotifierContext,
  Notifier
> {
  /** What it is sent when its declaration does not say. */
  usual: readonly NotificationKind[];
  open(spec: unknown, context: NotifierContext): Promise<Notifier>;
}

/** A kind whose spec is checked again when it is opened: it may come from a file, the state or the API. */
export function notifierKind<Type extends string, Spec>(kind: {
  type: Type;
  usual: readonly NotificationKind[];
  spec: ZodType<Spec>;
  open(spec: Spec, context: NotifierContext): Promise<Notifier>;
}): NotifierKind<Type, Spec> {
  return { ...kind, open: async (spec, context) => await kind.open(kind.spec.parse(spec), context) };
}

/** What people are usually told of: what wants their attention, and that it no longer does. */
export const usualForPeople = ["warning", "failure", "stale", "recovered"] as const;
