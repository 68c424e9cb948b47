import { failure } from "../../base/errors/error.ts";
import type { NotifierDeclaration } from "../../domain/notification.ts";
import { email } from "./email.ts";
import { healthchecks } from "./healthchecks.ts";
import type { Notifier, NotifierContext, NotifierKind } from "./kind.ts";
import { ntfy } from "./ntfy.ts";
import { webhook } from "./webhook.ts";

/** Every kind of notifier: a new one is its file and a line here. */
export const notifierKinds: readonly NotifierKind[] = [ntfy, webhook, healthchecks, email];

/** The kind of a declared notifier. Throws HF_UNKNOWN_NAME. */
export function notifierKindOf(type: string): NotifierKind {
  const kind = notifierKinds.find((known) => known.type === type);
  if (kind !== undefined) return kind;
  const suggestion = `Known are ${notifierKinds.map((known) => known.type).join(", ")}.`;
  throw failure("HF_UNKNOWN_NAME", { kind: "kind of notifier", name: type, suggestion });
}

/** Opens a notifier: fetches its secrets; nothing is sent yet. Throws HF_UNKNOWN_NAME, HF_SECRET_UNAVAILABLE, HF_NOTIFY_FAILED. */
export async function openNotifier(
  declaration: Pick<NotifierDeclaration, "type" | "spec">,
  context: NotifierContext,
): Promise<Notifier> {
  return await notifierKindOf(declaration.type).open(declaration.spec, context);
}
