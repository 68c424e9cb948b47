import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { idOf } from "../../src/domain/ids.ts";
import { engineNames, newDatabase } from "../support/state-engines.ts";
import { backUp, startShop, write } from "./support/backups.ts";
import { resticIn } from "./support/restic.ts";
import type { Api } from "./support/start-api.ts";
import { startWithRestic } from "./support/with-restic.ts";

const base = "/api/v1/backup";

interface Named {
  id: string;
  [field: string]: unknown;
}

describe.each(engineNames)("what the API declares, in a state on %s", (engine) => {
  const start = async (config?: (folder: string) => string): Promise<Api> => {
    const environment = engine === "SQLite" ? {} : { DATABASE_URL: await newDatabase() };
    return await startWithRestic({ ...(config === undefined ? {} : { config }), environment });
  };

  it("is created, used, changed, refused while in use, and deleted", async () => {
    const api = await start();
    const nas = await api.send<Named>("POST", `${base}/destinations/local`, {
      body: { name: "NAS Backups", path: join(api.folder, "nas") },
    });
    expect(nas.status, nas.text).toBe(201);
    expect(nas.body).toMatchObject({ total_snapshots: 0, total_size: 0, last_backup_at: null });
    const policy = await api.send<Named>("POST", `${base}/policies`, {
      body: { name: "Daily Backups", keep_daily: 7, destination_ids: [nas.body.id] },
    });
    expect(policy.body, policy.text).toMatchObject({ destination_ids: [nas.body.id] });
    const app = await api.send<Named>("POST", `${base}/apps`, {
      body: { name: "shop", paths: [api.folder], policy_id: policy.body.id },
    });
    expect(app.body, app.text).toMatchObject({ policy_id: policy.body.id });
    expect((await api.send("GET", `${base}/apps`)).body).toMatchObject({ total: 1, apps: [{ name: "shop" }] });
    const changed = await api.send("PATCH", `${base}/configurations/${idOf("configuration", "shop")}`, {
      body: { backup_env: false },
    });
    expect(changed.body, changed.text).toMatchObject({ backup_env: false, policy_id: policy.body.id });
    for (const used of [`policies/${policy.body.id}`, `destinations/${nas.body.id}`]) {
      expect(await api.send("DELETE", `${base}/${used}`), used).toMatchObject({
        status: 409,
        body: { code: "HF_IN_USE" },
      });
    }
    const gone = [`apps/${app.body.id}`, `policies/${policy.body.id}`, `destinations/${nas.body.id}`];
    for (const one of gone) expect((await api.send("DELETE", `${base}/${one}`)).status, one).toBe(204);
    expect(await api.holdfast.state.selectFrom("declarations").selectAll().execute()).toEqual([]);
  });

  it("is never half of two changes at once: a policy's destination is not deleted under it", async () => {
    const api = await start();
    for (let round = 0; round < 3; round++) {
      const nas = await api.send<Named>("POST", `${base}/destinations/local`, {
        body: { name: "nas", path: join(api.folder, "nas") },
      });
      expect(nas.status, nas.text).toBe(201);
      const [made, deleted] = await Promise.all([
        api.send<Named>("POST", `${base}/policies`, { body: { name: "p", destination_ids: [nas.body.id] } }),
        api.send("DELETE", `${base}/destinations/${nas.body.id}`),
      ]);
      // Whoever was second finds what the first one did.
      expect([[201, 409].join(), [422, 204].join(), [400, 204].join()]).toContain([made.status, deleted.status].join());
      await api.live.redeclare();
      expect(api.live.holdfast().declared.problems).toEqual([]);
      if (made.status === 201) await api.send("DELETE", `${base}/policies/${made.body.id}`);
      await api.send("DELETE", `${base}/destinations/${nas.body.id}`);
    }
  });

  it("is there in another process, and after a restart", async () => {
    const api = await start();
    await api.send("POST", `${base}/apps`, { body: { name: "shop", paths: [api.folder] } });
    const { openHoldfast } = await import("../../src/operations/context/holdfast.ts");
    const { environment, cwd } = api.holdfast;
    await using other = await openHoldfast({ environment, cwd, acting: true });
    expect(other.declared.apps).toMatchObject([{ name: "shop", origin: "API", paths: [api.folder] }]);
  });
});

describe("the size of a destination", () => {
  it("is what restic counts, after every backup", async () => {
    const shop = await startShop();
    const destination = `${base}/destinations/${idOf("destination", "disk")}`;
    const sizes: number[] = [];
    for (const bytes of [300_000, 500_000]) {
      write(join(shop.data, "large"), Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 7919) % 251)));
      await backUp(shop);
      const { body } = await shop.send<{ total_size: number }>("GET", destination);
      const [sealed] = await shop.holdfast.state.selectFrom("secrets").selectAll().execute();
      const password = (await shop.holdfast.vault()).open(sealed?.name ?? "", sealed?.sealed ?? "").reveal();
      const folder = join(shop.folder, "repository");
      const counted = await resticIn(shop, folder, password, ["stats", "--mode", "raw-data", "--json"]);
      const { total_size: whole } = JSON.parse(counted.trim().split("\n").at(-1) ?? "{}") as { total_size: number };
      expect(Math.abs(body.total_size - whole)).toBeLessThan(whole * 0.02 + 2000);
      sizes.push(body.total_size);
    }
    expect(sizes[1]).toBeGreaterThan(sizes[0] ?? 0);
  });
});

describe("Holdfast itself", () => {
  it("gets a policy by a configuration of the seed's form, and is no app of anybody else's", async () => {
    const api = await startWithRestic({ config: () => stringify({ policies: { weekly: { schedule: "@weekly" } } }) });
    const policy_id = idOf("policy", "weekly");
    const body = { is_system_backup: true, system_type: "database", policy_id };
    const created = await api.send<Named>("POST", `${base}/configurations`, { body });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      is_system_backup: true,
      system_type: "database",
      policy_id,
      policy: "weekly",
    });
    expect((await api.send("GET", `${base}/configurations?is_system_backup=true`)).text).toContain(created.body.id);
    const files = await api.send<Named>("POST", `${base}/configurations`, {
      body: { ...body, system_type: "platform_config" },
    });
    expect(files.body, files.text).toMatchObject({ system_type: "platform_config" });
    const stolen = await api.send("POST", `${base}/apps`, { body: { name: "holdfast-database", paths: ["/srv"] } });
    expect(stolen.status).toBe(422);
  });
});
