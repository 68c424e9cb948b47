import { expect, test, vi } from "vitest";
import { leastBytes, pace, stretchMs } from "./pace.ts";

test("a download that goes on goes on for as long as it takes; one that trickles is ended after the first stretch", () => {
  vi.useFakeTimers();
  const ended = vi.fn<(which: string) => void>();
  const steady = pace(() => ended("steady"));
  const trickling = pace(() => ended("trickling"));
  for (let minute = 0; minute < 60; minute++) {
    vi.advanceTimersByTime(60_000);
    steady.moved((2 * leastBytes * 60_000) / stretchMs);
    trickling.moved(1);
  }
  expect(ended.mock.calls).toEqual([["trickling"]]);
  steady.end();
  vi.advanceTimersByTime(stretchMs);
  vi.useRealTimers();
  expect(ended).toHaveBeenCalledOnce();
});
