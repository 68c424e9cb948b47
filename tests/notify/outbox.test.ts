import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { runId } from "../../src/domain/names.ts";
import type { Notification } from "../../src/domain/notification.ts";
import { render } from "../../src/base/errors/error.ts";
import { deliver } from "../../src/operations/notify/deliver.ts";
import { runEnded, runStarted } from "../../src/operations/notify/runs.ts";
import { tell } from "../../src/operations/notify/tell.ts";
import { receiver, type Answering } from "../support/receiver.ts";
import { engineNames, newDatabase } from "../support/state-engines.ts";
import { example, setting as settingOn, type Setting } from "./setting.ts";

const signal = new AbortController().signal;
const hook = (url: string, more: object = {}): object => ({ type: "webhook", url: `${url}/in`, ...more });
const seconds = 1000;
const minutes = 60 * seconds;

async function telling({ holdfast }: Setting, more: Partial<Notification> = {}): Promise<void> {
  await tell(holdfast, [{ ...example(), id: randomUUID(), ...more }]);
}

async function delivering({ holdfast }: Setting): Promise<string[]> {
  return (await deliver(holdfast, { signal })).map((found) => render(found).message);
}

const titles = (bodies: readonly { body: string }[]): string[] =>
  bodies.map(({ body }) => (JSON.parse(body) as Notification).title);

describe.each(engineNames)("the outbox on %s", (engine) => {
  const setting = async (notifications: object): Promise<Setting> =>
    await settingOn(notifications, engine === "SQLite" ? {} : { DATABASE_URL: await newDatabase() });

  it("sends once what could be sent, and keeps a word of it", async () => {
    const { url, received } = await receiver();
    const made = await setting({ a: hook(url) });
    await telling(made);
    expect(await delivering(made)).toEqual([]);
    expect(await delivering(made)).toEqual([]);
    expect(received).toHaveLength(1);
    expect(await made.outbox()).toMatchObject([{ notifier: "a", state: "sent", attempts: 1, error: null }]);
  });

  it("tries again after 10 s, 1 min, 5 min, 30 min and 2 h, until it is taken", async () => {
    const { url, received } = await receiver((_, index) => ({ status: index < 6 ? 500 : 200 }));
    const made = await setting({ a: hook(url) });
    await telling(made);
    const pauses = [10 * seconds, minutes, 5 * minutes, 30 * minutes, 120 * minutes, 120 * minutes];
    for (const [index, pause] of pauses.entries()) {
      expect(await delivering(made)).toEqual([`The notifier a could not send: ${url} answered 500.`]);
      made.now += pause - 1;
      expect(await delivering(made)).toEqual([]);
      expect(received).toHaveLength(index + 1);
      made.now += 1;
    }
    expect(await delivering(made)).toEqual([]);
    expect(received).toHaveLength(7);
    expect(await made.outbox()).toMatchObject([{ state: "sent", attempts: 7 }]);
  });

  it("gives up after a day, and remembers why", async () => {
    const { url } = await receiver(() => ({ status: 500 }));
    const made = await setting({ a: hook(url) });
    await telling(made);
    const end = made.now + 25 * 60 * minutes;
    for (; made.now < end; made.now += 30 * minutes) await delivering(made);
    expect(await made.outbox()).toMatchObject([
      { state: "dropped", error: `The notifier a could not send: ${url} answered 500.` },
    ]);
  });

  it("keeps the order of each notifier, also when the first one has to wait", async () => {
    const { url, received } = await receiver((_, index) => ({ status: index === 0 ? 503 : 200 }));
    const made = await setting({ a: hook(url) });
    await telling(made, { title: "first" });
    await telling(made, { title: "second" });
    await delivering(made);
    await telling(made, { title: "third" });
    await delivering(made);
    expect(titles(received)).toEqual(["first"]);
    made.now += 10 * seconds;
    await delivering(made);
    expect(titles(received)).toEqual(["first", "first", "second", "third"]);
  });

  it("lets one that nobody takes hold up the others for so long only", async () => {
    const { url, received } = await receiver(({ body }) => ({ status: body.includes("poison") ? 400 : 200 }));
    const made = await setting({ a: hook(url) });
    await telling(made, { title: "poison" });
    await telling(made, { title: "second" });
    for (let hour = 0; hour < 5 * 60; hour += 1, made.now += minutes) await delivering(made);
    expect(titles(received).filter((title) => title === "second")).toHaveLength(1);
    expect(await made.outbox()).toMatchObject([{ state: "waiting" }, { state: "sent" }]);
  });

  it("tells at once or not at all that a run started", async () => {
    let up = false;
    const answering: Answering = () => ({ status: up ? 200 : 500 });
    const { url, received } = await receiver(answering);
    const made = await setting({ a: hook(url, { on: ["started", "success"] }) });
    await telling(made, { kind: "started", title: "old" });
    await delivering(made);
    made.now += 10 * seconds;
    await delivering(made);
    await telling(made, { kind: "success", title: "end" });
    up = true;
    await delivering(made);
    expect(titles(received)).toEqual(["old", "old", "end"]);
    await telling(made, { kind: "started", title: "late" });
    made.now += 2 * minutes;
    await delivering(made);
    expect((await made.outbox()).map(({ state }) => state)).toEqual(["dropped", "sent", "dropped"]);
    expect(received).toHaveLength(3);
  });

  it("is sent by one of two processes at once, and by the other when the first one died", async () => {
    let answers = true;
    const server = await receiver(() => (answers ? { status: 200 } : "never"));
    const made = await setting({ a: hook(server.url) });
    const other = await made.another();
    for (let index = 0; index < 20; index += 1) await telling(made, { title: String(index) });
    await Promise.all([deliver(made.holdfast, { signal }), deliver(other, { signal })]);
    expect(titles(server.received)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));

    answers = false;
    await telling(made, { title: "in the air" });
    const dying = new AbortController();
    const hanging = deliver(made.holdfast, { signal: dying.signal });
    await server.came(21);
    await deliver(other, { signal });
    expect(server.received).toHaveLength(21);
    answers = true;
    made.now += 3 * minutes;
    await deliver(other, { signal });
    expect(titles(server.received).slice(20)).toEqual(["in the air", "in the air"]);
    dying.abort();
    await hanging;
  });

  it("goes on to the others while one notifier hangs", async () => {
    const hanging = await receiver(() => "never");
    const good = await receiver();
    const made = await setting({ slow: hook(hanging.url), good: hook(good.url) });
    await telling(made, { title: "first" });
    const stop = new AbortController();
    const delivered = deliver(made.holdfast, { signal: stop.signal });
    await hanging.came(1);
    // Only then nothing but another look can find the second one.
    await expect.poll(async () => (await made.outbox()).map(({ state }) => state)).toContain("sent");
    await telling(made, { title: "second" });
    await good.came(2);
    expect(hanging.received).toHaveLength(1);
    stop.abort();
    await delivered;
    expect(titles(good.received)).toEqual(["first", "second"]);
    expect((await made.outbox()).filter(({ notifier }) => notifier === "slow")).toMatchObject([
      { state: "waiting", error: expect.stringContaining("no answer yet") as string },
      { state: "waiting", error: null },
    ]);
  });

  it("drops what waits for a notifier that is disabled, and after a day what waits for one that nobody declares", async () => {
    const { url } = await receiver(() => ({ status: 500 }));
    const made = await setting({ a: hook(url), b: hook(url) });
    const states = async (): Promise<string[]> =>
      (await made.outbox()).map(({ notifier, state }) => `${notifier} ${state}`).sort();
    await telling(made);
    await delivering(made);
    const other = await made.another({ b: hook(url, { enabled: false }) });
    // The database's clock is known to the millisecond or so.
    made.now += minutes;
    await deliver(other, { signal });
    expect(await states()).toEqual(["a waiting", "b dropped"]);
    made.now += 24 * 60 * minutes;
    await deliver(other, { signal });
    expect(await states()).toEqual(["a dropped", "b dropped"]);
  });

  it("waits for no time that a clock years ahead has written", async () => {
    let up = false;
    const { url, received } = await receiver(() => ({ status: up ? 200 : 500 }));
    const made = await setting({ a: hook(url) });
    const { now } = made;
    made.now = Date.parse("2031-01-01T00:00:00Z");
    await telling(made, { title: "ahead" });
    await delivering(made);
    up = true;
    made.now = now;
    await telling(made, { title: "now" });
    expect((await made.outbox())[0]?.next).toMatch(/^2026/);
    await delivering(made);
    expect(titles(received).sort()).toEqual(["ahead", "ahead", "now"]);
  });

  it("keeps what waits for a notifier that a mistake in the file has hidden", async () => {
    const { url } = await receiver(() => ({ status: 500 }));
    const made = await setting({ a: hook(url) });
    await telling(made);
    await delivering(made);
    await deliver(await made.another({ a: { type: "webhook", url: "nowhere" } }), { signal });
    expect((await made.outbox()).map(({ state }) => state)).toEqual(["waiting"]);
  });

  it("holds for each notifier what it wants: by kind and by app", async () => {
    const { url, received } = await receiver();
    const made = await setting({
      usual: hook(url),
      all: hook(url, { on: ["success", "failure", "stale"] }),
      one: hook(url, { apps: ["paperless"] }),
      off: hook(url, { enabled: false }),
    });
    await telling(made, { kind: "success" });
    await telling(made, { kind: "failure" });
    await telling(made, { kind: "failure", app: "paperless" });
    await delivering(made);
    const sent = (await made.outbox()).map(({ notifier, kind }) => `${notifier} ${kind}`);
    expect(sent.sort()).toEqual([
      "all failure",
      "all failure",
      "all success",
      "one failure",
      "usual failure",
      "usual failure",
    ]);
    expect(received).toHaveLength(6);
  });

  it("holds nothing of a dry run, though a daemon carried it out", async () => {
    const made = await setting({ a: hook("http://127.0.0.1:9", { on: ["started", "success"] }) });
    const run = { id: runId(randomUUID()), kind: "backup", app: "immich" } as const;
    const end = { outcome: "success", problems: [], durationMs: 1 } as const;
    expect(await runStarted(made.holdfast, { ...run, dryRun: true })).toBeUndefined();
    expect(await runEnded(made.holdfast, { ...run, dryRun: true }, end)).toBeUndefined();
    expect(await made.outbox()).toEqual([]);
    await runStarted(made.holdfast, { ...run, dryRun: false });
    await runEnded(made.holdfast, { ...run, dryRun: false }, end);
    expect((await made.outbox()).map(({ kind }) => kind)).toEqual(["started", "success"]);
  });

  it("never holds a secret, whatever a problem or a far side says", async () => {
    const secret = `s3cret-${randomUUID()}`;
    const { url } = await receiver(() => ({ status: 500, body: `you sent ${secret}` }));
    const made = await setting({ a: hook(url, { secret }) });
    await telling(made, { title: secret, what: `x ${secret}`, why: `y ${secret} y`, todo: secret });
    const said = await delivering(made);
    const rows = await made.outbox();
    expect(said).toHaveLength(1);
    expect(rows[0]?.error).toContain("you sent [secret]");
    expect([...said, ...rows.map(({ text }) => text)].join("\n")).not.toContain(secret);
  });
});
