import { fullText } from "../../domain/notification-text.ts";
import { ask } from "./http.ts";
import type { Notifier, NotifierContext } from "./kind.ts";
import { lookOf, type NtfySpec } from "./ntfy.ts";

/** ntfy makes a file of a longer message (its default for message-size-limit is 4096 bytes). */
const longestMessage = 4000;

/** Publishes as JSON (docs.ntfy.sh/publish, "Publish as JSON"): headers would have to encode what is not ASCII. */
export async function ntfyNotifier(spec: NtfySpec, context: NotifierContext): Promise<Notifier> {
  const authorization = await authorizationOf(spec, context);
  return {
    async send(notification, signal) {
      const { priority, tags } = lookOf(spec, notification.kind);
      const body = JSON.stringify({
        topic: spec.topic,
        title: notification.title,
        message: cut(fullText(notification), longestMessage),
        priority,
        tags,
        ...(spec.click === undefined ? {} : { click: spec.click }),
      });
      const headers = { "content-type": "application/json", ...authorization };
      const url = new URL(spec.url ?? "https://ntfy.sh");
      await ask(context.name, { method: "POST", url, headers, body, caCert: spec.ca_cert }, signal);
    },
  };
}

async function authorizationOf(spec: NtfySpec, context: NotifierContext): Promise<{ authorization?: string }> {
  const { token, username, password } = spec;
  if (token !== undefined) return { authorization: `Bearer ${(await context.resolveSecret(token)).reveal()}` };
  if (username === undefined || password === undefined) return {};
  const both = `${username}:${(await context.resolveSecret(password)).reveal()}`;
  return { authorization: `Basic ${Buffer.from(both).toString("base64")}` };
}

/** At most so many bytes of it, without half a character at the end. */
function cut(text: string, bytes: number): string {
  const whole = Buffer.from(text);
  if (whole.length <= bytes) return text;
  return `${new TextDecoder().decode(whole.subarray(0, bytes - 3), { stream: true })}…`;
}
