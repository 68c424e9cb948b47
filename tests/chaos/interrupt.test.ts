import { describe, it } from "vitest";
import { interruptAtRandom } from "../faults/interrupted.ts";
import { rounds } from "../support/effort.ts";

const many = { rounds: rounds({ short: 5, long: 50 }), wholeEvery: 1 };

describe("a backup that is interrupted at a random moment, many times", () => {
  it("by Ctrl-C, ends cleanly by itself", async () => {
    await interruptAtRandom("SIGINT", many);
  });

  it("by kill -9, is put right by the next command", async () => {
    await interruptAtRandom("SIGKILL", many);
  });
});
