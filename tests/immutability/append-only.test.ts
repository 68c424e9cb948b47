import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RetainReport } from "../../src/operations/retain/report.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { binaries } from "../support/binaries.ts";
import { run } from "./run.ts";
import { deletes, startVault } from "./vault.ts";

const keep = { last: 2 };

/** An app, and as many backups of it, each of another content. */
async function backUp(lab: Homelab, times: number, args: string[] = []): Promise<BackupReport[]> {
  const reports: BackupReport[] = [];
  for (let time = 0; time < times; time++) {
    writeFileSync(join(lab.folder, "files", "photo.jpg"), `photo ${Math.random()}`);
    reports.push(await lab.json<BackupReport>(["backup", ...args]));
  }
  return reports;
}

function declare(lab: Homelab, vault: Record<string, unknown>): void {
  mkdirSync(join(lab.folder, "files"), { recursive: true });
  lab.declare({
    destinations: { vault: { ...vault, password: "repository password" } },
    policies: { default: { keep, skip_unchanged: false } },
    apps: { immich: { paths: [join(lab.folder, "files")] } },
  });
}

describe("an append-only destination", () => {
  it("is never asked to forget or prune with the backup's credentials", async () => {
    const lab = homelab();
    const vault = await startVault(lab.folder);
    const { maintenance: _, ...adding } = vault.declaration;
    declare(lab, adding);
    await backUp(lab, 3);
    const [retained] = (await lab.json<{ reports: RetainReport[] }>(["retain"], 3)).reports;
    expect(retained).toMatchObject({ forgotten: 0, problems: [{ code: "HF_APPEND_ONLY" }] });
    await lab.json(["prune"], 3);
    const { backup, maintenance } = vault.asked();
    expect(deletes(backup)).toEqual([]);
    expect(maintenance).toEqual([]);
  });

  it("is thinned, pruned, checked and unlocked with its maintenance credentials, and with no others", async () => {
    const lab = homelab();
    const vault = await startVault(lab.folder);
    declare(lab, vault.declaration);
    await backUp(lab, 3, ["--no-retain"]);
    expect(vault.asked().maintenance).toEqual([]);

    const [retained] = (await lab.json<{ reports: RetainReport[] }>(["retain"])).reports;
    expect(retained).toMatchObject({ forgotten: 1, outcome: "success", problems: [] });
    const between = vault.asked();
    expect(deletes(between.maintenance)).toHaveLength(1);
    expect(deletes(between.maintenance)[0]).toMatch(/^DELETE \/homelab\/snapshots\//);

    const before = between.backup.length;
    await lab.json(["prune"]);
    await lab.json(["check"]);
    await lab.json(["unlock"]);
    const { backup, maintenance } = vault.asked();
    expect(backup.length).toBe(before);
    expect(deletes(backup)).toEqual([]);
    expect(deletes(maintenance).some((request) => request.includes("/data/"))).toBe(true);
    expect(maintenance.filter((request) => request.startsWith("POST") && request.includes("/snapshots/"))).toEqual([]);
  });

  it("is thinned after a backup too, where it has maintenance credentials", async () => {
    const lab = homelab();
    const vault = await startVault(lab.folder);
    declare(lab, vault.declaration);
    const reports = await backUp(lab, 3);
    expect(reports.at(-1)?.retained).toMatchObject([{ destination: "vault", forgotten: 1, outcome: "success" }]);
    expect(deletes(vault.asked().backup)).toEqual([]);
  });

  it("refuses maintenance credentials that lead to another repository", async () => {
    const lab = homelab();
    const vault = await startVault(lab.folder);
    const { maintenance, ...rest } = vault.declaration as { maintenance: { url: string } };
    const elsewhere = { ...maintenance, url: `${maintenance.url}-other` };
    const env = {
      RESTIC_PASSWORD: "repository password",
      RESTIC_REST_USERNAME: "keeper",
      RESTIC_REST_PASSWORD: "may delete",
    };
    await run(binaries.restic.sid, ["-r", `rest:${elsewhere.url}/`, "init"], env);
    declare(lab, { ...rest, maintenance: elsewhere });
    await backUp(lab, 3, ["--no-retain"]);
    const [retained] = (await lab.json<{ reports: RetainReport[] }>(["retain"], 1)).reports;
    expect(retained).toMatchObject({ forgotten: 0, problems: [{ code: "HF_REPOSITORY_EXCHANGED" }] });
  });

  it("loses no good snapshot to forged ones, and says that they are there", async () => {
    const lab = homelab();
    const vault = await startVault(lab.folder);
    declare(lab, vault.declaration);
    const good = await backUp(lab, 2);
    const ids = good.map((report) => report.apps[0]?.stores[0]?.snapshotId);

    const { url } = vault.declaration as { url: string };
    const env = {
      RESTIC_PASSWORD: "repository password",
      RESTIC_REST_USERNAME: "adder",
      RESTIC_REST_PASSWORD: "may only add",
    };
    for (const time of ["2031-01-01 00:00:00", "2031-01-02 00:00:00", "2024-01-01 00:00:00"]) {
      const tags = "holdfast,app:immich,service:immich";
      const args = ["backup", "/etc/hostname", "--host", hostname(), "--tag", tags, "--time", time];
      await run(binaries.restic.sid, ["-r", `rest:${url}/`, ...args], env);
    }

    const [retained] = (await lab.json<{ reports: RetainReport[] }>(["retain"], 3)).reports;
    expect(retained).toMatchObject({ forgotten: 0, problems: [{ code: "HF_SNAPSHOTS_FOREIGN" }] });
    const [third] = await backUp(lab, 1, ["--no-retain"]);
    const [thinned] = (await lab.json<{ reports: RetainReport[] }>(["retain"], 3)).reports;
    expect(thinned?.forgotten).toBe(1);
    const kept = thinned?.snapshots.filter((one) => one.keep).map((one) => one.id) ?? [];
    expect(kept).toHaveLength(5);
    expect(kept).toEqual(expect.arrayContaining([ids[1], third?.apps[0]?.stores[0]?.snapshotId]));
  });
});

describe("a disabled destination", () => {
  it("is neither stored to nor maintained, and is restored from", async () => {
    const lab = homelab();
    mkdirSync(join(lab.folder, "files"));
    writeFileSync(join(lab.folder, "files", "a"), "once");
    const declareBoth = (enabled: boolean): void =>
      lab.declare({
        destinations: {
          nas: { type: "local", path: join(lab.folder, "nas"), enabled },
          usb: { type: "local", path: join(lab.folder, "usb") },
        },
        policies: { default: { skip_unchanged: false } },
        apps: { immich: { paths: [join(lab.folder, "files")] } },
      });
    declareBoth(true);
    await lab.json(["backup"]);
    declareBoth(false);

    const plan = await lab.run(["plan"]);
    expect(plan.stdout).toMatch(/store to\s+usb\n\s+disabled\s+nas/);
    const report = await lab.json<BackupReport>(["backup"]);
    expect(report.apps[0]?.stores.map((store) => store.destination)).toEqual(["usb"]);
    expect(report.retained.map((one) => one.destination)).toEqual(["usb"]);
    const pruned = await lab.json<{ reports: { destination: string }[] }>(["prune"]);
    expect(pruned.reports.map((one) => one.destination)).toEqual(["usb"]);
    const status = await lab.json<{ apps: { late: boolean }[] }>(["status"]);
    expect(status.apps.map((app) => app.late)).toEqual([false]);

    const refused = await lab.run(["check", "nas"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("nas is disabled")]);
    const asked = await lab.run(["backup", "--destination", "nas"]);
    expect(asked.code).not.toBe(0);
    expect(asked.stdout + asked.stderr).toContain("nas is disabled");

    const target = join(lab.folder, "back");
    const restored = await lab.run(["restore", "immich", "--destination", "nas", "--target", target]);
    expect(restored.code, restored.stderr).toBe(0);
  });
});
