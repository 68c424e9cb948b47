import { randomUUID } from "node:crypto";
import { failure, type Problem } from "../../base/errors/error.ts";
import type { Notification, NotifierDeclaration } from "../../domain/notification.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { send } from "./send.ts";

/** What became of a test notification. */
export interface NotifierTest {
  notifier: string;
  type: string;
  sent: boolean;
  durationMs: number;
  problem?: Problem;
}

/**
 * Sends a test to these notifiers, or to all that are enabled, side by side and at once. Throws HF_UNKNOWN_NAME,
 * HF_NOTIFY_NONE, and the signal's reason.
 */
export async function testNotifiers(
  holdfast: Holdfast,
  names: readonly string[],
  signal: AbortSignal,
): Promise<NotifierTest[]> {
  const tested = await Promise.all(
    chosen(holdfast, names).map(async (notifier) => await testOne(holdfast, notifier, signal)),
  );
  signal.throwIfAborted();
  return tested;
}

async function testOne(holdfast: Holdfast, notifier: NotifierDeclaration, signal: AbortSignal): Promise<NotifierTest> {
  const began = performance.now();
  const found = await send(holdfast, notifier, testFor(holdfast, notifier), signal);
  return {
    notifier: notifier.name,
    type: notifier.type,
    sent: found === undefined,
    durationMs: performance.now() - began,
    ...(found === undefined ? {} : { problem: found }),
  };
}

function chosen({ declared }: Holdfast, names: readonly string[]): NotifierDeclaration[] {
  const { notifications } = declared;
  const enabled = notifications.filter((notifier) => notifier.enabled);
  if (names.length === 0 && enabled.length === 0) throw failure("HF_NOTIFY_NONE", {});
  if (names.length === 0) return enabled;
  return [...new Set(names)].map((name) => {
    const found = notifications.find((notifier) => notifier.name === name);
    if (found !== undefined) return found;
    const known = notifications.map((notifier) => notifier.name).join(", ");
    const suggestion = known === "" ? "None is declared." : `Declared are: ${known}.`;
    throw failure("HF_UNKNOWN_NAME", { kind: "notifier", name, suggestion });
  });
}

/** It names an app that the notifier is told of: some have an address for each. */
function testFor({ clock, deviceName, declared }: Holdfast, { name, apps }: NotifierDeclaration): Notification {
  const app = declared.apps.find((one) => apps === undefined || apps.includes(one.name))?.name;
  return {
    id: randomUUID(),
    kind: "test",
    at: clock.now().toISOString(),
    device: deviceName,
    ...(app === undefined ? {} : { app }),
    title: "Holdfast: test",
    what: `This is a test from ${deviceName}, sent by the notifier ${name}. Nothing has happened.`,
  };
}
