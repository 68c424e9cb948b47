import { failure } from "../../base/errors/error.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import { fullText } from "../../domain/notification-text.ts";
import type { Notification } from "../../domain/notification.ts";
import { secretAddress } from "./address.ts";
import type { HealthchecksSpec } from "./healthchecks.ts";
import { ask } from "./http.ts";
import type { Notifier, NotifierContext } from "./kind.ts";

/** What a check is told: `log` is written down there and changes nothing. */
type Ping = "start" | "success" | "fail" | "log";

const placeholder = "{app}";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Messages are shown in a list there, and this part goes into the address. */
const longestMessage = 250;

/** Pings a check (healthchecks.io/docs/http_api), or pushes to Uptime Kuma, which its addresses tell apart. */
export function healthchecksNotifier(spec: HealthchecksSpec, context: NotifierContext): Promise<Notifier> {
  return Promise.resolve({
    async send(notification, signal) {
      const ping = pingOf(spec, notification);
      const ref = ping === undefined ? undefined : refOf(spec, notification);
      if (ping === undefined || ref === undefined) return;
      const address = await secretAddress(ref, context);
      if (address.includes(placeholder) && notification.app === undefined) return;
      const url = new URL(address.replaceAll(placeholder, slugOf(notification.app ?? "")));
      if (url.pathname.startsWith("/api/push/")) await push(ping, url, notification, signal);
      else await check(ping, url, notification, signal);
    },
  });

  async function check(ping: Ping, url: URL, notification: Notification, signal: AbortSignal): Promise<void> {
    if (ping !== "success") url.pathname = `${url.pathname.replace(/\/$/, "")}/${ping}`;
    // Ties an end to its start, where several apps share one check.
    if (notification.runId !== undefined && uuid.test(notification.runId)) {
      url.searchParams.set("rid", notification.runId);
    }
    const body = `${notification.title}\n\n${fullText(notification)}`;
    const headers = { "content-type": "text/plain; charset=utf-8" };
    const answer = await ask(context.name, { method: "POST", url, headers, body, caCert: spec.ca_cert }, signal);
    // It says 200 to an address that belongs to no check.
    if (answer.startsWith("OK (not found)")) {
      throw failure("HF_NOTIFY_FAILED", {
        notifier: context.name,
        detail: `${url.origin} knows no check of that address.`,
      });
    }
  }

  /** Uptime Kuma knows up and down; that something began it would take for up. */
  async function push(ping: Ping, url: URL, { title }: Notification, signal: AbortSignal): Promise<void> {
    if (ping === "start") return;
    url.searchParams.set("status", ping === "fail" ? "down" : "up");
    url.searchParams.set("msg", title.slice(0, longestMessage));
    await ask(context.name, { method: "GET", url, headers: {}, caCert: spec.ca_cert }, signal);
  }
}

/** The address for this app. A test without an app tries the first there is. */
function refOf({ url, urls = {} }: HealthchecksSpec, { app, kind }: Notification): SecretRef | undefined {
  const own = app !== undefined && Object.hasOwn(urls, app) ? urls[app] : undefined;
  return own ?? url ?? (kind === "test" ? Object.values(urls)[0] : undefined);
}

/** Only backups: a restore that succeeds, or a prune that fails, says nothing of whether backups come. */
function pingOf(spec: HealthchecksSpec, { kind, run = "backup", outcome }: Notification): Ping | undefined {
  if (run !== "backup") return undefined;
  switch (kind) {
    case "started":
      return "start";
    case "success":
    case "recovered":
      return "success";
    case "warning":
      return outcome === "cancelled" ? "fail" : (spec.warnings ?? "success");
    case "failure":
    case "stale":
      return "fail";
    default:
      return "log";
  }
}

/** healthchecks.io wants a-z, 0-9, dashes and underscores. */
function slugOf(app: string): string {
  return app.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "-");
}
