import { expect, it } from "vitest";
import { jitterOf, shareOf } from "./jitter.ts";

const minuteMs = 60_000;

it("is the same whole minute of an app for ever, below the jitter", () => {
  expect(["immich", "mealie", "a"].map((app) => jitterOf(app, 120 * minuteMs) / minuteMs)).toEqual([59, 20, 12]);
  expect(jitterOf("immich", 0)).toBe(0);
});

it("spreads apps evenly", () => {
  const counts = Array<number>(10).fill(0);
  for (let index = 0; index < 10_000; index++) {
    const share = shareOf(`app-${index}`);
    counts[Math.floor(share * 10)] = (counts[Math.floor(share * 10)] ?? 0) + 1;
  }
  for (const count of counts) {
    expect(count).toBeGreaterThan(900);
    expect(count).toBeLessThan(1100);
  }
});
