import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { StartReport } from "../../src/operations/start/start.ts";
import { homelab } from "./homelab.ts";

describe("holdfast start", () => {
  it("backs a folder up, restores it to scratch space and compares every file; the second run says what changed", async () => {
    const lab = homelab();
    const photos = join(lab.folder, "srv", "photos");
    mkdirSync(join(photos, "2026"), { recursive: true });
    for (const name of ["a.jpg", "b.jpg", "2026/c.jpg"]) writeFileSync(join(photos, name), randomBytes(100_000));

    const first = await lab.json<StartReport>(["start", "--once", photos]);
    expect(first).toMatchObject({
      outcome: "success",
      paths: [photos],
      resticFetched: false,
      snapshots: 1,
      proof: { files: 3, bytes: 300_000, identical: true, differences: [] },
    });
    expect(first.previous).toBeUndefined();
    expect(existsSync(join(lab.home, "repository", "config"))).toBe(true);

    writeFileSync(join(photos, "d.jpg"), "new");
    const second = await lab.json<StartReport>(["start", "--once", photos]);
    expect(second).toMatchObject({ outcome: "success", snapshots: 2, previous: { time: expect.any(String) } });
    expect(second.report.stores[0]?.summary).toMatchObject({ filesUnmodified: 3 });

    // Other folders are another app: they do not take part in the first one's history.
    const other = join(lab.folder, "other", "photos");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "x"), "x");
    expect(await lab.json<StartReport>(["start", "--once", other])).toMatchObject({ outcome: "success", snapshots: 1 });
  });

  it("names a folder that is not there", async () => {
    const lab = homelab();
    const outcome = await lab.run(["start", join(lab.folder, "nowhere")]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain("does not exist");
  });
});
