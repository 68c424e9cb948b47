import { expect, it } from "vitest";
import { manyFiles, sparseFile } from "../faults/large-sources.ts";
import { rounds } from "../support/effort.ts";

it("a sparse file of 20 GB comes back sparse, without taking its room", async () => {
  expect.hasAssertions();
  await sparseFile(rounds({ short: 1, long: 20 }));
});

it("100,000 small files come back", async () => {
  expect.hasAssertions();
  await manyFiles(rounds({ short: 5000, long: 100_000 }));
});
