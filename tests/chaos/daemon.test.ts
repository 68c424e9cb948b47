import { expect, it } from "vitest";
import { killDuringQueue } from "../daemon/killed-daemon.ts";

it("a daemon that is killed again and again while it works off its queue loses nothing and leaves nothing behind", async () => {
  expect.hasAssertions();
  await killDuringQueue({ runs: 200, kills: 30 });
});
