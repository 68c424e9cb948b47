import { expect, it } from "vitest";
import { interruptRestores } from "../faults/interrupted-restore.ts";
import { rounds } from "../support/effort.ts";

it("a restore in place that is interrupted at a random moment, many times, leaves the old or the new, whole", async () => {
  expect.hasAssertions();
  await interruptRestores(rounds({ short: 6, long: 60 }));
});
