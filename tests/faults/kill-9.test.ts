import { expect, it } from "vitest";
import { interruptAtRandom } from "./interrupted.ts";

it("a backup that meets kill -9 at a random moment is put right by the next command", async () => {
  expect.hasAssertions();
  await interruptAtRandom("SIGKILL", { rounds: 6, wholeEvery: 6 });
});
