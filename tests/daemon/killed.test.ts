import { expect, it } from "vitest";
import { killDuringQueue } from "./killed-daemon.ts";

it("a daemon that is killed while it works off its queue loses nothing and leaves nothing behind", async () => {
  expect.hasAssertions();
  await killDuringQueue({ runs: 12, kills: 3 });
});
