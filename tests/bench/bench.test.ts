import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { describeNeeding } from "../support/needs.ts";

const run = promisify(execFile);
const bench = join(import.meta.dirname, "..", "..", "scripts", "bench.mjs");

const documentSchema = z.object({
  figures: z.array(
    z.object({
      benchmark: z.string(),
      name: z.string(),
      unit: z.string(),
      limit: z.number(),
      samples: z.array(z.number()).nonempty(),
      held: z.boolean(),
    }),
  ),
});

describeNeeding("postgres")("npm run bench -- --quick", () => {
  it("measures every figure; times are not judged, numbers of processes are", async () => {
    const { stdout } = await run(process.execPath, [bench, "--quick", "--json"]);
    const { figures } = documentSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));

    const measured = figures.map(({ benchmark, unit }) => `${benchmark} ${unit}`);
    expect(measured).toEqual([
      "small s",
      "small MB",
      "small processes",
      "api s",
      "api s",
      "api s",
      "api MB",
      "daemon s",
      "daemon MB",
      "daemon %",
      "daemon s",
      "dump ratio",
      "overhead ratio",
      "fleet ratio",
      "fleet ratio",
      "fleet processes",
      "fleet ratio",
    ]);
    // A server's version, a check of the disk: each costs nothing here and half a second in a full night.
    expect(figures.filter(({ unit, held }) => unit === "processes" && !held)).toEqual([]);
  });
});
