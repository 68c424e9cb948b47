import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { idOf } from "../../src/domain/ids.ts";
import { testFolder } from "../support/folders.ts";
import { backUp, startShop, write } from "./support/backups.ts";
import { startApi, type Answer, type Api } from "./support/start-api.ts";

const path = "/api/v1/backup/apps";

interface App {
  id: string;
  name: string;
  policy: string;
  [field: string]: unknown;
}

interface Page {
  apps: App[];
  total: number;
  next_cursor: string | null;
}

async function create(api: Api, body: object): Promise<Answer<App>> {
  return await api.send<App>("POST", path, { body });
}

describe("an app of the API's", () => {
  it("is declared, read, changed and deleted; the password of its database is sealed", async () => {
    const api = await startApi();
    const policy = await api.send<{ id: string }>("POST", "/api/v1/backup/policies", {
      body: { name: "weekly", schedule: "@weekly" },
    });
    const created = await create(api, {
      name: "immich",
      paths: [`${api.folder}/immich/`],
      exclude: ["**/cache/**"],
      databases: [
        { type: "postgres", host: "127.0.0.1", database: "immich", username: "immich", password: "hunter2-hunter2" },
      ],
      tags: ["photos"],
      policy_id: policy.body.id,
    });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      id: idOf("app", "immich"),
      device: api.holdfast.deviceName,
      paths: [join(api.folder, "immich")],
      exclude: ["**/cache/**"],
      databases: [{ name: "immich", type: "postgres", host: "127.0.0.1", database: "immich", username: "immich" }],
      tags: ["photos"],
      policy: "weekly",
      policy_id: policy.body.id,
      configuration_id: idOf("configuration", "immich"),
      enabled: true,
      has_hooks: false,
      read_only: false,
      declared_in: "API",
      last_run: null,
      current_run: null,
      age: null,
    });
    expect(Date.parse(String(created.body["next_run_at"]))).toBeGreaterThan(Date.now());
    const rows = await api.holdfast.state.selectFrom("declarations").selectAll().execute();
    expect(created.text + JSON.stringify(rows)).not.toContain("hunter2");
    const secrets = await api.holdfast.state.selectFrom("secrets").select("name").execute();
    expect(secrets).toEqual([{ name: "app:immich:databases.0.password" }]);

    const changed = await api.send<App>("PATCH", `${path}/${created.body.id}`, {
      body: { databases: null, exclude: ["*.tmp"], policy_id: null },
    });
    expect(changed.body, changed.text).toMatchObject({
      databases: [],
      exclude: ["*.tmp"],
      policy: "default",
      tags: ["photos"],
    });
    expect(await api.holdfast.state.selectFrom("secrets").selectAll().execute()).toEqual([]);
    const emptied = await api.send("PATCH", `${path}/${created.body.id}`, { body: { paths: null } });
    expect(emptied).toMatchObject({ status: 422, body: { code: "HF_CONFIG_EMPTY_APP" } });

    expect((await api.send("DELETE", `${path}/${created.body.id}`)).status).toBe(204);
    expect((await api.send("GET", `${path}/${created.body.id}`)).status).toBe(404);
    expect(await api.holdfast.state.selectFrom("declarations").select("kind").execute()).toEqual([{ kind: "policy" }]);
  });

  it("brings no commands, programs or references to others' secrets with it", async () => {
    const api = await startApi();
    const marker = join(api.folder, "owned");
    const bodies: object[] = [
      { paths: [api.folder], hooks: { before: [`touch ${marker}`] } },
      { databases: [{ type: "postgres", database: "x", client: "/bin/sh" }] },
      { databases: [{ type: "mysql", database: "x", run_as: "root" }] },
      { databases: [{ type: "postgres", database: "x", password: { command: ["touch", marker] } }] },
      { databases: [{ type: "postgres", database: "x", password: { sealed: "repository:nas" } }] },
      { databases: [{ type: "postgres", database: "x", username: { sealed: "repository:nas" } }] },
      { databases: [{ type: "postgres", database: "x", host: "169.254.169.254" }] },
      { databases: [{ type: "postgres", database: "x", host: "nas,169.254.169.254" }] },
      { databases: [{ type: "postgres", database: "x", host: "/tmp,169.254.169.254" }] },
    ];
    for (const body of bodies) expect((await create(api, { name: "x", ...body })).status).toBe(400);
    const unknown = await create(api, { name: "x", databases: [{ type: "oracle" }] });
    expect(unknown).toMatchObject({ status: 422, body: { code: "HF_CONFIG_INVALID" } });
    expect(existsSync(marker)).toBe(false);
    expect(await api.holdfast.state.selectFrom("declarations").selectAll().execute()).toEqual([]);
  });

  it("has a name that can be a tag and a folder, and is one beside another that differs by case", async () => {
    const api = await startApi();
    for (const name of ["Fotos-Größe", "写真", "two words", "a/b", "..", "a@b", "", "x".repeat(64)]) {
      const refused = await create(api, { name, paths: [api.folder] });
      expect(refused.body, name).toMatchObject({ code: "HF_REQUEST_INVALID", errors: [{ path: "body.name" }] });
    }
    const both = [
      await create(api, { name: "Shop", paths: ["/srv/a"] }),
      await create(api, { name: "shop", paths: ["/srv/b"] }),
    ];
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect(both.map(({ body }) => body["paths"])).toEqual([["/srv/a"], ["/srv/b"]]);
    expect(await create(api, { name: "shop", paths: ["/srv/c"] })).toMatchObject({
      status: 409,
      body: { code: "HF_NAME_TAKEN" },
    });
  });

  it("is declared once by many who try at once", async () => {
    const api = await startApi();
    const tries = await Promise.all([1, 2, 3, 4, 5].map((n) => create(api, { name: "shop", paths: [`/srv/${n}`] })));
    expect(tries.map(({ status }) => status).sort((one, other) => one - other)).toEqual([201, 409, 409, 409, 409]);
    const won = tries.find(({ status }) => status === 201);
    expect((await api.send<App>("GET", `${path}/${idOf("app", "shop")}`)).body["paths"]).toEqual(won?.body["paths"]);
  });

  it("never has Holdfast's own files, nor a SQLite file in a folder of the system", async () => {
    const key = join(testFolder(), "master.key");
    const api = await startApi({ environment: { HOLDFAST_MASTER_KEY_FILE: key } });
    const { root, state, masterKey } = api.holdfast.home;
    symlinkSync(root, join(api.folder, "link"));
    const sqlite = (path: string) => ({ databases: [{ type: "sqlite", name: "x", path }] });
    const refused = [
      { paths: [root] },
      { paths: ["/srv", masterKey] },
      { paths: [join(api.folder, "link", "keys")] },
      { paths: [key] },
      sqlite(state),
      sqlite("/etc/x.db"),
    ];
    for (const body of refused) {
      const answer = await create(api, { name: "own", ...body });
      expect([answer.status, answer.body], JSON.stringify(body)).toMatchObject([422, { code: "HF_SOURCE_REFUSED" }]);
    }
    expect((await create(api, { name: "own", paths: [api.folder, join(root, "restores")] })).status).toBe(201);
    for (const body of refused) {
      expect((await api.send("PATCH", `${path}/${idOf("app", "own")}`, { body })).status).toBe(422);
    }
    const configuration = `/api/v1/backup/configurations/${idOf("configuration", "own")}`;
    const included = await api.send("PATCH", configuration, { body: { include_paths: [join(root, "keys")] } });
    expect([included.status, included.body]).toMatchObject([422, { code: "HF_SOURCE_REFUSED" }]);
  });

  it("is left aside when a file declares one of its name", async () => {
    const api = await startApi();
    await create(api, { name: "shop", paths: ["/srv/api"], exclude: ["*.log"] });
    writeFileSync(join(api.folder, "holdfast.yaml"), stringify({ apps: { shop: { paths: ["/srv/file"] } } }));
    await api.live.redeclare();
    const read = await api.send<App>("GET", `${path}/${idOf("app", "shop")}`);
    expect(read.body).toMatchObject({ paths: ["/srv/file"], exclude: [], read_only: true, created_at: null });
    for (const method of ["PATCH", "DELETE"]) {
      const answer = await api.send(method, `${path}/${idOf("app", "shop")}`, {
        body: method === "PATCH" ? {} : undefined,
      });
      expect(answer.status).toBe(method === "PATCH" ? 409 : 204);
    }
    expect(api.live.holdfast().declared.problems).toEqual([]);
    expect((await api.send("GET", `${path}/${idOf("app", "shop")}`)).body).toMatchObject({ paths: ["/srv/file"] });
  });
});

describe("how an app stands", () => {
  it("tells of its last run, its age and its destinations", async () => {
    const shop = await startShop();
    const before = await shop.send<App>("GET", `${path}/${idOf("app", "shop")}`);
    expect(before.body).toMatchObject({ last_run: null, age: null, destinations: [] });
    await backUp(shop);
    const after = await shop.send<App>("GET", `${path}/${idOf("app", "shop")}`);
    expect(after.body).toMatchObject({
      last_run: { status: "success", problems: [] },
      current_run: null,
      late: false,
      destinations: [{ id: idOf("destination", "disk"), name: "disk", snapshots: 1 }],
      declared_in: join(shop.folder, "holdfast.yaml"),
      read_only: true,
    });
    expect(after.body["age"]).toBeLessThan(60);
    write(join(shop.data, "new"), "new");
    const queued = await shop.send("POST", `/api/v1/backup/configurations/${shop.configuration}/backup`);
    expect(queued.status).toBe(202);
    const waiting = await shop.send<App>("GET", `${path}/${idOf("app", "shop")}`);
    expect(waiting.body).toMatchObject({
      current_run: { kind: "backup", status: "queued" },
      last_run: { status: "success" },
    });
  });
});

describe("devices", () => {
  it("are this machine, with its restic and its apps", async () => {
    const shop = await startShop();
    const id = idOf("device", shop.holdfast.deviceName);
    const listed = await shop.send<{ devices: object[] }>("GET", "/api/v1/backup/devices", { as: "read" });
    expect(listed.body.devices).toMatchObject([
      { id, name: shop.holdfast.deviceName, is_this: true, app_ids: [idOf("app", "shop")] },
    ]);
    expect((await shop.send("GET", `/api/v1/backup/devices/${id}`)).body).toEqual(listed.body.devices[0]);
    expect(JSON.stringify(listed.body)).toMatch(/"restic_version":"\d+\.\d+/);
    expect((await shop.send("GET", `/api/v1/backup/devices/${idOf("device", "other")}`)).status).toBe(404);
  });
});

describe("a thousand apps", () => {
  it("are created, listed in pages without a gap, filtered, and read quickly", async () => {
    const api = await startApi();
    mkdirSync(join(api.folder, "srv"));
    const names = Array.from({ length: 1000 }, (_, index) => `app-${String(index).padStart(4, "0")}`);
    const began = performance.now();
    for (let start = 0; start < names.length; start += 20) {
      const answers = await Promise.all(
        names.slice(start, start + 20).map((name) => create(api, { name, paths: [join(api.folder, "srv", name)] })),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    }
    const perAppMs = (performance.now() - began) / names.length;
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page: Answer<Page> = await api.send<Page>("GET", `${path}?limit=150${query}`);
      expect(page.body.total).toBe(1000);
      seen.push(...page.body.apps.map(({ name }) => name));
      cursor = page.body.next_cursor;
    }
    expect(seen).toEqual(names);
    const found = await api.send<Page>("GET", `${path}?name=P-099`);
    expect(found.body).toMatchObject({ total: 10, next_cursor: null });
    const times: number[] = [];
    for (let index = 0; index < 20; index++) {
      const start = performance.now();
      await api.send("GET", `${path}?limit=50`);
      times.push(performance.now() - start);
    }
    const slowest = Math.max(...times.slice(1));
    // Far above what it takes, for machines that do other things besides.
    expect(perAppMs).toBeLessThan(250);
    expect(slowest).toBeLessThan(500);
  });
});
