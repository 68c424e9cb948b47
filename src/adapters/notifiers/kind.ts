import type { Kind } from "../../domain/kind.ts";
import type { Notification } from "../../domain/notification.ts";
import type { NotificationKind } from "../../domain/notification.ts";
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
