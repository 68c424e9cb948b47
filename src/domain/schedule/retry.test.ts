import { describe, expect, it } from "vitest";
import { catalogue, type ErrorCode } from "../../base/errors/catalogue.ts";
import type { Problem } from "../../base/errors/error.ts";
import { passes, retryDelayMs } from "./retry.ts";

const problems = (...codes: ErrorCode[]): Problem[] => codes.map((code) => ({ code, params: {} }));
const minutes = (attempt: number, ...codes: ErrorCode[]): number =>
  (retryDelayMs(problems(...codes), attempt, "immich") ?? Number.NaN) / 60_000;

describe("a failed run", () => {
  it("is tried again after a minute, 5, 15 and 60, or a fifth later at most; the fifth attempt is the last", () => {
    for (const [index, delay] of [1, 5, 15, 60].entries()) {
      const found = minutes(index + 1, "HF_REPOSITORY_LOCKED");
      expect(found).toBeGreaterThanOrEqual(delay);
      expect(found).toBeLessThanOrEqual(delay * 1.2);
    }
    expect(retryDelayMs(problems("HF_REPOSITORY_LOCKED"), 5, "immich")).toBe(undefined);
  });

  it("always waits equally long, and not as long as others", () => {
    const found = problems("HF_REPOSITORY_UNREACHABLE");
    const delays = ["immich", "mealie", "immich"].map((app) => retryDelayMs(found, 4, app));
    expect(delays[0]).toBe(delays[2]);
    expect(delays[0]).not.toBe(delays[1]);
  });

  it("is tried again when a part of what it failed of may pass", () => {
    expect(minutes(1, "HF_PATH_MISSING", "HF_REPOSITORY_UNREACHABLE")).toBeGreaterThanOrEqual(1);
    expect(minutes(1, "HF_REPOSITORY_PASSWORD")).toBe(Number.NaN);
    expect(minutes(1)).toBe(Number.NaN);
  });

  it("is not tried again when somebody cancelled it", () => {
    expect(minutes(1, "HF_REPOSITORY_UNREACHABLE", "HF_CANCELLED")).toBe(Number.NaN);
  });
});

it("what passes by itself is marked in the catalogue, and nothing else", () => {
  const codes = (Object.keys(catalogue) as ErrorCode[]).filter((code) => passes({ code, params: {} }));
  expect(codes.sort()).toEqual([
    "HF_DATABASE_UNREACHABLE",
    "HF_DUMP_INCOMPLETE",
    "HF_KEY_ROTATED",
    "HF_REPOSITORY_LOCKED",
    "HF_REPOSITORY_UNREACHABLE",
    "HF_RUN_INTERRUPTED",
    "HF_SQLITE_LOCKED",
    "HF_STATE_INTERRUPTED",
    "HF_STATE_UNREACHABLE",
    "HF_TIMED_OUT",
  ]);
});
