import { expect, test } from "vitest";
import { eventStream } from "./sse.ts";

test("an event has its name, its id if it has one, and its data on one line", async () => {
  const { stream, send, comment, end } = eventStream();
  send({ id: 7, event: "run", data: { text: "two\nlines" } });
  send({ event: "progress", data: 1 });
  comment("alive");
  end();
  const text = (await stream.toArray()).join("");
  expect(text).toBe(
    'retry: 2000\n\nid: 7\nevent: run\ndata: {"text":"two\\nlines"}\n\nevent: progress\ndata: 1\n\n: alive\n\n',
  );
});

test("a client that takes something is waited for, one that takes nothing is not", async () => {
  const { stream, send, taken, ready } = eventStream(50);
  send({ event: "run", data: "x".repeat(100_000) });
  expect(ready()).toBe(false);
  const waited = taken();
  stream.read();
  await waited;
  expect(ready()).toBe(true);
  send({ event: "run", data: "x".repeat(100_000) });
  await expect(taken()).rejects.toThrow("takes no events");
});

test("a client that has gone is waited for by nobody", async () => {
  const { stream, send, taken } = eventStream();
  send({ event: "run", data: "x".repeat(100_000) });
  const waited = taken();
  stream.destroy();
  await waited;
  send({ event: "run", data: "" });
});
