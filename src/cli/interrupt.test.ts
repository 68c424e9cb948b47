import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { onInterrupt, type Interruptible } from "./interrupt.ts";

function stage() {
  const emitter = new EventEmitter();
  const exits: unknown[] = [];
  const told: string[] = [];
  const of = Object.assign(emitter, {
    exit: (code?: unknown) => {
      exits.push(code);
    },
  }) as unknown as Interruptible;
  const interrupt = onInterrupt((line) => told.push(line), of);
  const send = (name: string) => emitter.emit(name, name);
  return { interrupt, emitter, send, exits, told };
}

it.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s aborts, and says so", (name) => {
  const { interrupt, send, exits, told } = stage();
  send(name);
  expect(interrupt.signal.aborted).toBe(true);
  expect(told).toEqual(["Stopping cleanly … (Ctrl-C again to end at once)"]);
  expect(exits).toEqual([]);
});

it("a second Ctrl-C ends at once with 130; a second SIGTERM does not", () => {
  const { send, exits } = stage();
  send("SIGTERM");
  send("SIGTERM");
  expect(exits).toEqual([]);
  send("SIGINT");
  expect(exits).toEqual([130]);
});

it("leaves no listener behind", () => {
  const { interrupt, emitter } = stage();
  interrupt[Symbol.dispose]();
  expect(emitter.eventNames()).toEqual([]);
});
