import { createHmac } from "node:crypto";
import { fullText } from "../../domain/notification-text.ts";
import type { Notification } from "../../domain/notification.ts";
import { secretAddress } from "./address.ts";
import { ask } from "./http.ts";
import type { Notifier, NotifierContext } from "./kind.ts";
import type { WebhookSpec } from "./webhook.ts";

/**
 * Posts JSON. With a secret, `x-holdfast-signature` is `sha256=` and the HMAC-SHA256, in hex, of the seconds in
 * `x-holdfast-timestamp`, a dot and the body: the receiver sees that it is ours and not sent again by another.
 */
export async function webhookNotifier(spec: WebhookSpec, context: NotifierContext): Promise<Notifier> {
  const address = await secretAddress(spec.url, context);
  const secret = spec.secret === undefined ? undefined : await context.resolveSecret(spec.secret);
  const own: Record<string, string> = {};
  for (const [name, ref] of Object.entries(spec.headers ?? {})) {
    own[name.toLowerCase()] = (await context.resolveSecret(ref)).reveal();
  }
  return {
    async send(notification, signal) {
      const body = JSON.stringify(documentOf(notification));
      const timestamp = String(Math.floor(Date.now() / 1000));
      const headers = {
        ...own,
        "content-type": "application/json",
        "x-holdfast-id": notification.id,
        "x-holdfast-timestamp": timestamp,
        ...(secret === undefined
          ? {}
          : {
              "x-holdfast-signature": `sha256=${createHmac("sha256", secret.reveal()).update(`${timestamp}.${body}`).digest("hex")}`,
            }),
      };
      const url = new URL(address);
      await ask(context.name, { method: "POST", url, headers, body, caCert: spec.ca_cert }, signal);
    },
  };
}

/** What receivers get. `text` is all of it in one: Slack, Mattermost and their like show that field. */
function documentOf(notification: Notification): object {
  const { id, kind, at, device, app, destination, runId, run, outcome, title, what, why, todo } = notification;
  return {
    id,
    kind,
    at,
    device,
    app,
    destination,
    run_id: runId,
    run_kind: run,
    outcome,
    title,
    what,
    why,
    todo,
    text: `${title}\n\n${fullText(notification)}`,
  };
}
