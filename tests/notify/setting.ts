import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { openHoldfast, type Holdfast } from "../../src/operations/context/holdfast.ts";
import { send } from "../../src/operations/notify/send.ts";
import { render } from "../../src/base/errors/error.ts";
import type { Notification } from "../../src/domain/notification.ts";
import { testFolder } from "../support/folders.ts";

/** A Holdfast of the running test that declares these notifiers, on a clock that only the test moves. */
export interface Setting {
  folder: string;
  holdfast: Holdfast;
  /** Milliseconds since 1970. */
  now: number;
  /** Another process on the same state, as it were. */
  another: (notifications?: object) => Promise<Holdfast>;
  /** What one attempt of a notifier comes to: `sent`, or why not. */
  attempt: (notifier: string, notification?: Partial<Notification>, signal?: AbortSignal) => Promise<string>;
  outbox: () => Promise<OutboxRow[]>;
}

export interface OutboxRow {
  notifier: string;
  kind: string;
  attempts: number;
  state: "sent" | "dropped" | "waiting";
  next: string;
  error: string | null;
  /** All of the row, as text. */
  text: string;
}

export async function setting(notifications: object, env: Record<string, string> = {}): Promise<Setting> {
  const folder = testFolder();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "file"), "content");
  let files = 0;
  const open = async (declared: object): Promise<Holdfast> => {
    const config = join(folder, `holdfast-${(files += 1)}.yaml`);
    const app = { paths: [join(folder, "data")] };
    writeFileSync(config, stringify({ apps: { immich: app, paperless: app }, notifications: declared }));
    const holdfast = await openHoldfast({
      environment: { HOLDFAST_HOME: join(folder, "home"), PATH: process.env["PATH"], ...env },
      cwd: folder,
      config,
      acting: true,
      clock: { now: () => new Date(made.now) },
    });
    onTestFinished(async () => await holdfast[Symbol.asyncDispose]());
    return holdfast;
  };
  const made: Setting = {
    folder,
    now: Date.parse("2026-11-20T02:00:00Z"),
    holdfast: undefined as unknown as Holdfast,
    another: async (other = notifications) => await open(other),
    async attempt(name, notification = {}, signal = new AbortController().signal) {
      const notifier = made.holdfast.declared.notifications.find((one) => one.name === name);
      if (notifier === undefined) throw new Error(`no notifier ${name}`);
      const found = await send(made.holdfast, notifier, { ...example(), ...notification }, signal);
      return found === undefined ? "sent" : render(found).message;
    },
    async outbox() {
      const rows = await made.holdfast.state.selectFrom("outbox").selectAll().orderBy("created_at").execute();
      return rows.map((row) => ({
        notifier: row.notifier,
        kind: (JSON.parse(row.body) as Notification).kind,
        attempts: row.attempts,
        state: row.sent_at !== null ? "sent" : row.dropped_at !== null ? "dropped" : "waiting",
        next: row.next_attempt_at,
        error: row.last_error,
        text: JSON.stringify(row),
      }));
    },
  };
  made.holdfast = await open(notifications);
  expect(made.holdfast.declared.problems.map((found) => render(found).message)).toEqual([]);
  return made;
}

/** A notification as a failed backup gives it. */
export function example(): Notification {
  return {
    id: randomUUID(),
    kind: "failure",
    at: "2026-11-20T02:03:04.000Z",
    device: "box",
    app: "immich",
    runId: randomUUID(),
    run: "backup",
    outcome: "failed",
    title: "immich: backup FAILED",
    what: "The backup of immich on box failed after 2 min 13 s. Nothing was stored.",
    why: "The database »immich« cannot be reached: connection refused",
    todo: "Check that the server runs.",
  };
}
