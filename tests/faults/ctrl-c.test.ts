import { expect, it } from "vitest";
import { interruptAtRandom } from "./interrupted.ts";

it("a backup that meets Ctrl-C at a random moment ends cleanly by itself", async () => {
  expect.hasAssertions();
  await interruptAtRandom("SIGINT", { rounds: 6, wholeEvery: 6 });
});
