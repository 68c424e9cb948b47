import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { IamPolicy } from "../../src/domain/rights.ts";
import type { IamReport } from "../../src/operations/iam/iam.ts";
import type { RetainReport } from "../../src/operations/retain/report.ts";
import { idOf } from "../../src/domain/ids.ts";
import { startApi } from "../api/support/start-api.ts";
import { homelab } from "../engine/homelab.ts";
import { describeNeeding } from "../support/needs.ts";
import { servers } from "../support/servers.ts";
import { asOwner, keysWith, makeBucket } from "./s3-keys.ts";

describe("holdfast iam", () => {
  it("prints what makes two keys of B2, for one bucket and folder", async () => {
    const lab = homelab();
    lab.declare({
      destinations: { b2: { type: "b2", bucket: "homelab", prefix: "a b", account_id: "id", account_key: "key" } },
    });
    const { rights } = await lab.json<IamReport>(["iam", "b2"]);
    expect(rights.backup).toMatchObject({ capabilities: ["listBuckets", "listFiles", "readFiles", "writeFiles"] });
    expect((await lab.run(["iam", "b2", "--for", "maintenance"])).stdout.trim()).toBe(
      "b2 key create --bucket homelab --name-prefix 'a b/' holdfast-maintenance listBuckets,listFiles,readFiles,writeFiles,deleteFiles",
    );
  });

  it("names capabilities instead of a policy for Backblaze's S3", async () => {
    const lab = homelab();
    const endpoint = "s3.us-west-002.backblazeb2.com";
    lab.declare({
      destinations: { b2: { type: "s3", endpoint, bucket: "homelab", access_key: "id", secret_key: "key" } },
    });
    expect((await lab.json<IamReport>(["iam", "b2"])).rights).toMatchObject({
      form: "b2-capabilities",
      backup: { capabilities: expect.not.arrayContaining(["deleteFiles"]) },
      maintenance: { capabilities: expect.arrayContaining(["deleteFiles"]) },
    });
  });

  it("is told by the API too", async () => {
    const config = "destinations: { b2: { type: b2, bucket: homelab, account_id: id, account_key: key } }";
    const api = await startApi({ config });
    const path = `/api/v1/backup/destinations/${idOf("destination", "b2")}/iam`;
    const answer = await api.send<IamReport>("GET", path, { as: "read" });
    expect([answer.status, answer.body.rights.form]).toEqual([200, "b2-capabilities"]);
  });

  it("says of other kinds that their credentials have no rights to choose", async () => {
    const lab = homelab();
    lab.declare({ destinations: { nas: { type: "local", path: "/mnt/nas" } } });
    const refused = await lab.run(["iam", "nas"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("type local")]);
  });
});

describeNeeding("s3")("the printed policies, enforced by a server", () => {
  it("let the backup do everything but delete, and maintenance thin and prune", async () => {
    const lab = homelab();
    const { endpoint } = servers().s3;
    const bucket = await makeBucket({ versioning: "Enabled" });
    const place = { type: "s3", endpoint, bucket, prefix: "home/lab" };
    const files = join(lab.folder, "files");
    mkdirSync(files);
    const declare = (more: object): void =>
      lab.declare({
        destinations: { vault: { ...place, password: "repository password", ...more } },
        policies: { default: { keep: { last: 1 }, skip_unchanged: false } },
        apps: { immich: { paths: [files] } },
      });
    declare({ access_key: "none yet", secret_key: "none yet" });
    const printed = async (grant: string): Promise<IamPolicy> =>
      JSON.parse((await lab.run(["iam", "vault", "--for", grant])).stdout) as IamPolicy;
    const [forBackup, forMaintenance] = [await printed("backup"), await printed("maintenance")];
    for (const { Action, Resource } of forBackup.Statement.filter(({ Action }) => Action.join().includes("Delete"))) {
      expect([Action, Resource]).toEqual([["s3:DeleteObject"], [`arn:aws:s3:::${bucket}/home/lab/locks/*`]]);
    }
    const backup = await keysWith(forBackup);
    const maintenance = await keysWith(forMaintenance);

    declare({ ...backup, append_only: true });
    for (const content of ["one", "two"]) {
      writeFileSync(join(files, "photo.jpg"), content);
      await lab.json(["backup"]);
    }
    await lab.json(["check", "--all-data"]);
    await lab.json(["unlock"]);
    const target = join(lab.folder, "back");
    expect((await lab.run(["restore", "immich", "--target", target])).code).toBe(0);
    const locks = await asOwner("s3", `/${bucket}?list-type=2&prefix=home/lab/locks/`, { method: "GET" });
    expect(locks).not.toContain("<Contents>");
    const test = await lab.run(["destination", "test"]);
    expect(test.stdout).toContain("Versioning: enabled.");

    // Whatever Holdfast may think: the server itself does not let this key delete a snapshot.
    declare(backup);
    const refused = await lab.run(["retain"]);
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toMatch(/refused|AccessDenied|Access Denied/i);

    declare({ ...backup, append_only: true, maintenance });
    const { reports } = await lab.json<{ reports: RetainReport[] }>(["retain"]);
    expect(reports).toMatchObject([{ forgotten: 1, outcome: "success" }]);
    await lab.json(["prune"]);
    await lab.json(["check"]);
  });
});
