import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { idOf } from "../../src/domain/ids.ts";
import { backUp, startShop, write, type Shop } from "./support/backups.ts";
import { startApi } from "./support/start-api.ts";

const path = "/api/v1/backup/configurations";
const shopId = idOf("app", "shop");

interface Configuration {
  id: string;
  [field: string]: unknown;
}

async function filesIn(shop: Shop, folder: string): Promise<string[]> {
  const snapshot = await backUp(shop);
  const query = new URLSearchParams({ path: folder });
  const listed = await shop.send<{ entries: { path: string }[] }>(
    "GET",
    `/api/v1/backup/snapshots/${snapshot.id}/files?${query.toString()}`,
  );
  expect(listed.status, listed.text).toBe(200);
  return listed.body.entries.map((entry) => entry.path.slice(folder.length + 1)).sort();
}

/** The shop's backups run over what was declared last. */
async function startStack(): Promise<Shop> {
  const shop = await startShop();
  write(join(shop.data, "compose.yaml"), "services: {}\n");
  write(join(shop.data, "docker-compose.override.yml"), "services: {}\n");
  write(join(shop.data, ".env"), "SECRET=1\n");
  write(join(shop.data, "db.env"), "SECRET=2\n");
  write(join(shop.data, "venv/.env/lib.py"), "import os\n");
  // The queue of these tests works over `holdfast`, which a daemon replaces whenever something is declared.
  return new Proxy(shop, {
    get: (target, name) => (name === "holdfast" ? target.live.holdfast() : Reflect.get(target, name)),
  });
}

describe("the seed's example of a configuration", () => {
  it("binds an app to a policy and leaves out its env files", async () => {
    const shop = await startStack();
    const policy = await shop.send<{ id: string }>("POST", "/api/v1/backup/policies", {
      body: { name: "Daily Backups" },
    });
    const request = {
      app_id: shopId,
      policy_id: policy.body.id,
      backup_volumes: true,
      backup_compose: true,
      backup_env: false,
    };
    const created = await shop.send<Configuration>("POST", path, { body: request });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      ...request,
      id: shop.configuration,
      app: "shop",
      is_system_backup: false,
      system_type: null,
      include_paths: [],
      exclude_paths: [],
      enabled: true,
      read_only: false,
      read_only_fields: [],
      declared_in: join(shop.folder, "holdfast.yaml"),
    });
    expect(await filesIn(shop, shop.data)).toEqual([
      "compose.yaml",
      "docker-compose.override.yml",
      "empty",
      "link",
      "notes",
      "orders",
      "venv",
    ]);
    // A folder that is called like an env file is none.
    expect(await filesIn(shop, join(shop.data, "venv"))).toEqual([".env"]);
  });
});

describe("what is taken of an app", () => {
  it("is without its Compose files, or nothing but its Compose and env files", async () => {
    const shop = await startStack();
    await shop.send("PATCH", `${path}/${shop.configuration}`, { body: { backup_compose: false } });
    expect(await filesIn(shop, shop.data)).toEqual([".env", "db.env", "empty", "link", "notes", "orders", "venv"]);
    await shop.send("PATCH", `${path}/${shop.configuration}`, {
      body: { backup_compose: null, backup_volumes: false },
    });
    const plan = await shop.send<{ files: { paths: string[] } }>("GET", `${path}/${shop.configuration}/plan`);
    expect(JSON.stringify(plan.body)).not.toContain("orders");
    expect(await filesIn(shop, shop.data)).toEqual([".env", "compose.yaml", "db.env", "docker-compose.override.yml"]);
  });

  it("leaves out an env file that is named as a path of its own", async () => {
    const shop = await startStack();
    const env = join(shop.folder, "elsewhere/app.env");
    write(env, "SECRET=3\n");
    await shop.send("PATCH", `${path}/${shop.configuration}`, { body: { include_paths: [env] } });
    expect(await filesIn(shop, join(shop.folder, "elsewhere"))).toEqual(["app.env"]);
    await shop.send("PATCH", `${path}/${shop.configuration}`, { body: { backup_env: false } });
    const snapshot = await backUp(shop);
    expect(snapshot["paths"]).not.toContain(env);
  });

  it("is with include_paths and without exclude_paths", async () => {
    const shop = await startStack();
    const more = join(shop.folder, "more");
    write(join(more, "kept.txt"), "kept");
    write(join(more, "cache/gone.txt"), "gone");
    const body = { include_paths: [more, `${more}/`], exclude_paths: ["**/cache/**", "*.csv"] };
    const set = await shop.send<Configuration>("PATCH", `${path}/${shop.configuration}`, { body });
    expect(set.body).toMatchObject({ include_paths: [more], exclude_paths: body.exclude_paths });
    expect(await filesIn(shop, more)).toEqual(["kept.txt"]);
    expect(await filesIn(shop, join(shop.data, "orders/2026"))).toEqual([]);
  });
});

describe("a configuration", () => {
  it("is there for every app, and goes back to the usual when it is deleted", async () => {
    const api = await startApi({
      config: (folder) => stringify({ apps: { shop: { paths: [folder] }, blog: { paths: [folder] } } }),
    });
    const listed = await api.send<{ configurations: Configuration[] }>("GET", path);
    expect(listed.body.configurations).toMatchObject([
      { app: "blog", policy: "default", enabled: true, created_at: null },
      { app: "shop", policy: "default", enabled: true, created_at: null },
    ]);
    const id = idOf("configuration", "shop");
    await api.send("PATCH", `${path}/${id}`, { body: { enabled: false, exclude_paths: ["*.tmp"] } });
    expect(api.live.holdfast().declared.apps.find(({ name }) => name === "shop")).toMatchObject({
      enabled: false,
      exclude: ["*.tmp"],
    });
    expect((await api.send("DELETE", `${path}/${id}`)).status).toBe(204);
    expect((await api.send("GET", `${path}/${id}`)).body).toMatchObject({ enabled: true, exclude_paths: [] });
    const page = await api.send<{ configurations: Configuration[]; next_cursor: string }>("GET", `${path}?limit=1`);
    const next = await api.send<{ configurations: Configuration[] }>(
      "GET",
      `${path}?limit=1&cursor=${page.body.next_cursor}`,
    );
    expect([...page.body.configurations, ...next.body.configurations].map(({ app }) => app)).toEqual(["blog", "shop"]);
  });

  it("is made once, of an app that there is, with a policy that there is", async () => {
    const api = await startApi({ config: (folder) => stringify({ apps: { shop: { paths: [folder] } } }) });
    const policy_id = idOf("policy", "default");
    expect((await api.send("POST", path, { body: { app_id: idOf("app", "nobody"), policy_id } })).status).toBe(404);
    expect((await api.send("POST", path, { body: { app_id: shopId, policy_id: shopId } })).status).toBe(400);
    expect((await api.send("POST", path, { body: { policy_id } })).status).toBe(400);
    expect((await api.send("POST", path, { body: { app_id: shopId, is_system_backup: true } })).status).toBe(400);
    expect((await api.send("POST", path, { body: { app_id: shopId, policy_id } })).status).toBe(201);
    expect(await api.send("POST", path, { body: { app_id: shopId, policy_id } })).toMatchObject({
      status: 409,
      body: { code: "HF_NAME_TAKEN" },
    });
  });

  it("leaves to the file what the file says, and sets the rest", async () => {
    const api = await startApi({
      config: (folder) =>
        stringify({
          apps: { shop: { paths: [folder], policy: "media", exclude: ["*.log"] } },
          policies: { media: {} },
        }),
    });
    const id = idOf("configuration", "shop");
    const read = await api.send<Configuration>("GET", `${path}/${id}`);
    expect(read.body).toMatchObject({ read_only_fields: ["policy_id", "exclude_paths"], exclude_paths: ["*.log"] });
    const fixed = [{ policy_id: idOf("policy", "default") }, { exclude_paths: ["*.tmp"] }];
    for (const body of fixed) {
      const refused = await api.send<{ detail: string }>("PATCH", `${path}/${id}`, { body });
      expect(refused).toMatchObject({ status: 409, body: { code: "HF_DECLARED_ELSEWHERE" } });
      expect(refused.body.detail).toContain(join(api.folder, "holdfast.yaml"));
    }
    const same = { policy_id: idOf("policy", "media"), exclude_paths: ["*.log"], backup_env: false };
    const set = await api.send("PATCH", `${path}/${id}`, { body: same });
    expect(set.body, set.text).toMatchObject({ policy: "media", exclude_paths: ["*.log"], backup_env: false });
    // What the file stops saying is open again; what it begins to say wins.
    writeFileSync(
      join(api.folder, "holdfast.yaml"),
      stringify({ apps: { shop: { paths: [api.folder], backup_volumes: false } } }),
    );
    await api.live.redeclare();
    expect((await api.send("GET", `${path}/${id}`)).body).toMatchObject({
      policy: "default",
      exclude_paths: [],
      backup_volumes: false,
      backup_env: true,
      read_only_fields: ["backup_volumes", "backup_compose", "backup_env"],
    });
  });

  it("whose row is broken leaves its app out and no other", async () => {
    const api = await startApi({
      config: (folder) => stringify({ apps: { shop: { paths: [folder] }, blog: { paths: [folder] } } }),
    });
    await api.send("PATCH", `${path}/${idOf("configuration", "shop")}`, { body: { enabled: false } });
    await api.holdfast.state.updateTable("declarations").set({ body: '{"enabled":"perhaps"}' }).execute();
    await api.live.redeclare();
    const { apps, problems } = api.live.holdfast().declared;
    expect(apps.map(({ name }) => name)).toEqual(["blog"]);
    expect(problems).toMatchObject([
      { code: "HF_CONFIG_INVALID", params: { place: "configuration shop of the API: enabled" } },
    ]);
  });

  it("loses no change of changes to different fields at once", async () => {
    const api = await startApi({ config: (folder) => stringify({ apps: { shop: { paths: [folder] } } }) });
    const id = idOf("configuration", "shop");
    const changes = [{ enabled: false }, { backup_env: false }, { backup_compose: false }, { exclude_paths: ["a"] }];
    const answers = await Promise.all(changes.map((body) => api.send("PATCH", `${path}/${id}`, { body })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await api.live.redeclare();
    expect((await api.send("GET", `${path}/${id}`)).body).toMatchObject({
      enabled: false,
      backup_env: false,
      backup_compose: false,
      exclude_paths: ["a"],
    });
  });
});
