import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SnapshotRecord } from "../../src/domain/snapshot.ts";
import type { RecoverReport } from "../../src/operations/recover/recover.ts";
import type { RestoreReport } from "../../src/operations/restore/report.ts";
import type { RetainReport } from "../../src/operations/retain/report.ts";
import { homelab, type Homelab } from "./homelab.ts";

describe("after a disaster", () => {
  it("everything comes back from the repository, the configuration and the kit", async () => {
    const lab = homelab();
    const data = declareOne(lab);
    await lab.json(["backup"]);
    writeFileSync(join(data, "file"), "second");
    await lab.json(["backup"]);
    await lab.json(["recover", "--kit", join(lab.folder, "kit.json")]);
    const known = await listed(lab);
    expect(known).toHaveLength(2);

    rmSync(lab.home, { recursive: true });
    const without = await lab.json<RecoverReport>(["recover"], 1);
    expect(without.destinations[0]?.problems[0]?.code).toBe("HF_SECRET_UNAVAILABLE");
    const recovered = await lab.json<RecoverReport>(["recover", "--from-kit", join(lab.folder, "kit.json")]);
    expect(recovered.destinations).toMatchObject([{ destination: "near", snapshots: 2, added: 2, apps: ["app"] }]);

    // The newest capture vouches for the run before it; of itself it cannot say whether it was stored whole.
    const found = await listed(lab);
    expect(found.map((one) => [one.resticId, one.verdict])).toEqual([
      [known[0]?.resticId, "unproven"],
      [known[1]?.resticId, "good"],
    ]);
    const again = await lab.json<RecoverReport>(["recover"]);
    expect(again.destinations[0]).toMatchObject({ snapshots: 2, added: 0 });

    rmSync(data, { recursive: true });
    const newest = known[0]?.resticId?.slice(0, 8) ?? "";
    const restored = await lab.json<RestoreReport>(["restore", "app", "--snapshot", newest, "--in-place", "--yes"], 3);
    expect(restored.problems.map((one) => one.code)).toEqual(["HF_RESTORE_INCOMPLETE_SNAPSHOT"]);
    expect(readFileSync(join(data, "file"), "utf8")).toBe("second");

    // Life goes on: the next run finds its parent and is good.
    await lab.json(["backup"]);
    expect((await listed(lab))[0]?.verdict).toBe("good");
  });

  it("a destination that was used before is never created anew by itself", async () => {
    const lab = homelab();
    declareOne(lab);
    await lab.json(["backup"]);
    const repository = join(lab.folder, "repository");
    renameSync(repository, `${repository}-unmounted`);
    const missing = await lab.run(["backup"]);
    expect(missing.code).toBe(1);
    expect(missing.stdout + missing.stderr).toContain("There is no repository at near");
    renameSync(`${repository}-unmounted`, repository);
    await lab.json(["backup"]);
    rmSync(repository, { recursive: true });
    await lab.json(["backup", "--init"]);
    expect(await listed(lab)).toHaveLength(1);
  });

  it("another repository in the place of the known one is refused", async () => {
    const lab = homelab();
    declareOne(lab);
    await lab.json(["backup"]);
    const repository = join(lab.folder, "repository");
    rmSync(repository, { recursive: true });
    const other = homelab();
    declareOne(other);
    await other.json(["backup"]);
    await other.json(["recover", "--kit", join(lab.folder, "kit.json")]);
    renameSync(join(other.folder, "repository"), repository);
    const wrong = await lab.run(["backup"]);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout + wrong.stderr).toContain("The password for near");
    const refused = await lab.run(["check"]);
    expect(refused.code).toBe(1);
  });

  it("thins by the policy, with a reason for each snapshot, and keeps what is pinned", async () => {
    const lab = homelab();
    const data = declareOne(lab, { last: 1 });
    for (const text of ["one", "two", "three"]) {
      writeFileSync(join(data, "file"), text);
      await lab.json(["backup", "--no-retain"]);
    }
    const known = await listed(lab);
    await lab.run(["list", "--pin", known[2]?.resticId ?? ""]);
    const planned = await lab.json<{ reports: RetainReport[] }>(["retain", "--dry-run"]);
    const reasons = Object.fromEntries(
      (planned.reports[0]?.snapshots ?? []).map((one) => [one.id, [one.keep, ...one.reasons]]),
    );
    expect(reasons[known[0]?.resticId ?? ""]).toEqual([true, "newest good", "last"]);
    expect(reasons[known[1]?.resticId ?? ""]?.[0]).toBe(false);
    expect(reasons[known[2]?.resticId ?? ""]).toEqual([true, "pinned"]);
    expect(await listed(lab)).toHaveLength(3);
    const done = await lab.json<{ reports: RetainReport[] }>(["retain"]);
    expect(done.reports[0]?.forgotten).toBe(1);
    expect((await listed(lab)).map((one) => one.resticId)).toEqual([known[0]?.resticId, known[2]?.resticId]);
  });
});

async function listed(lab: Homelab): Promise<SnapshotRecord[]> {
  return (await lab.json<{ snapshots: SnapshotRecord[] }>(["list"])).snapshots;
}

function declareOne(lab: Homelab, keep: object = { last: 3 }): string {
  const data = join(lab.folder, "data");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "file"), "first");
  lab.declare({
    destinations: { near: { type: "local", path: join(lab.folder, "repository") } },
    policies: { default: { keep } },
    apps: { app: { paths: [data] } },
  });
  return data;
}
