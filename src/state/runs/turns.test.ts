import { afterEach, expect, it, vi } from "vitest";
import { thisProcess } from "../../base/process/owner.ts";
import { beatFailed, isDead } from "./turns.ts";

afterEach(() => vi.useRealTimers());

it("takes no other node for dead for a minute after this one could not tell that it lives", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const silent = new Date(Date.now() - 120_000).toISOString();
  const elsewhere = { ...thisProcess(), node: "another-node" };
  const died = { ...thisProcess(), startTime: "0" };
  expect(isDead(elsewhere, silent)).toBe(true);
  beatFailed();
  expect(isDead(elsewhere, silent)).toBe(false);
  expect(isDead(died, silent)).toBe(true);
  vi.advanceTimersByTime(60_001);
  expect(isDead(elsewhere, silent)).toBe(true);
});
