import { expect, it } from "vitest";
import { dueOn } from "./due.ts";

it("a run of everything includes a policy of due days only on the days of its own time zone", () => {
  const policy = { dueDaysOnly: true, schedule: "0 3 * * 0", timezone: "Pacific/Auckland" };
  // Saturday in Europe, Sunday in New Zealand.
  const date = new Date("2026-11-21T12:00Z");
  expect(dueOn(policy, date)).toBe(true);
  expect(dueOn({ ...policy, timezone: "Europe/Berlin" }, date)).toBe(false);
  expect(dueOn({ ...policy, timezone: "Europe/Berlin", dueDaysOnly: false }, date)).toBe(true);
});
