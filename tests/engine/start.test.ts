import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { StartReport } from "../../src/operations/start/start.ts";
import { startHoldfast } from "../support/holdfast.ts";
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

  it("stays as the daemon after its report, and looks after the folder from then on", async () => {
    const lab = homelab();
    const photos = join(lab.folder, "srv", "photos");
    mkdirSync(photos, { recursive: true });
    mkdirSync(lab.home, { recursive: true });
    writeFileSync(join(photos, "a.jpg"), randomBytes(1000));
    writeFileSync(join(lab.folder, "holdfast.yaml"), "daemon: { listen: '127.0.0.1:0' }\n");
    const running = startHoldfast(["start", photos], { home: lab.home, cwd: lab.folder });
    const said = await running.says(/Ctrl-C stops it/);
    expect(said).toMatch(
      /Backed up, and proven to restore.*is ready at http:\/\/127\.0\.0\.1:\d+.*looks after 1 app /s,
    );
    const again = await lab.run(["start", photos]);
    expect(again.stdout).toMatch(/The daemon at http:\/\/127\.0\.0\.1:\d+ looks after it/);
    expect(again.code).toBe(0);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
    const { apps } = await lab.json<{ apps: { app: string; declared: boolean }[] }>(["status"]);
    const kept = apps.filter(({ app, declared }) => declared && !app.startsWith("holdfast-"));
    expect(kept).toHaveLength(1);
  });

  it("names a folder that is not there", async () => {
    const lab = homelab();
    const outcome = await lab.run(["start", join(lab.folder, "nowhere")]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain("does not exist");
  });
});
