import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Secret } from "../../base/secrets/secret.ts";
import { channelTo, type LookWishes } from "./channel.ts";

function channel(wishes: Partial<LookWishes> = {}, tty = true) {
  const written: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isTTY: tty,
    columns: 100,
    rows: 30,
    write: (text: string) => written.push(text),
  });
  const environment = { LANG: "en_GB.UTF-8", TERM: "xterm-256color" };
  const made = channelTo(stream as unknown as NodeJS.WriteStream, { environment, noColor: false, ...wishes });
  return { made, stream, written };
}
const error = (code: string): Error => Object.assign(new Error(code), { code });

it("writes no secret that this process knows", () => {
  const { made, written } = channel();
  const secret = new Secret("correct-horse-battery");
  made.write(`restic said: ${secret.reveal()} is wrong`);
  expect(written).toEqual(["restic said: [secret] is wrong"]);
});

it("falls silent when nobody reads on", () => {
  const { made, stream, written } = channel();
  stream.emit("error", error("EPIPE"));
  made.write("more");
  expect(written).toEqual([]);
  expect(made.closed).toBe(true);
});

it("does not hide other errors of the stream", () => {
  const { stream } = channel();
  expect(() => stream.emit("error", error("ENOSPC"))).toThrow("ENOSPC");
});

it.each([
  [{ environment: { LANG: "C.UTF-8", NO_COLOR: "1" } }, false, true],
  [{ noColor: true, environment: { LC_ALL: "en_US.utf8" } }, false, true],
  [{ environment: { TERM: "dumb", LANG: "C" } }, false, false],
  [{ environment: { TERM: "linux", LANG: "C.UTF-8" } }, true, false],
  [{ environment: { LC_ALL: "C", LANG: "en_US.UTF-8" } }, true, false],
  [{ environment: {} }, true, false],
])("with %j colours are %s and marks beyond ASCII %s", (wishes, color, unicode) => {
  expect(channel(wishes).made.look()).toMatchObject({ color, unicode });
});

it("colours no file and no pipe, and gives them 80 columns", () => {
  expect(channel({}, false).made.look()).toEqual({ color: false, unicode: true, columns: 80 });
});
