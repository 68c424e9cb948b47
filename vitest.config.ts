import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const globalSetup = ["tests/support/global-setup.ts"];

export default defineConfig({
  test: {
    // Most of a test's time is waiting for servers and for restic: more files than cores run side by side.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "integration",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/chaos/**"],
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // One file at a time: these tests kill, and look at what is left running.
        test: {
          name: "chaos",
          include: ["tests/chaos/**/*.test.ts"],
          globalSetup,
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
