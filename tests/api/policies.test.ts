import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { idOf } from "../../src/domain/ids.ts";
import { backUp, startShop, write } from "./support/backups.ts";
import { startApi, type Api } from "./support/start-api.ts";

const path = "/api/v1/backup/policies";
const fallback = idOf("policy", "default");

interface Policy {
  id: string;
  name: string;
  destination_ids: string[];
  [field: string]: unknown;
}

async function list(api: Api): Promise<Policy[]> {
  return (await api.send<{ policies: Policy[] }>("GET", path)).body.policies;
}

/** Two local destinations, as files declare them. */
const twoDestinations = (folder: string): string =>
  stringify({
    destinations: {
      nas: { type: "local", path: join(folder, "nas") },
      usb: { type: "local", path: join(folder, "usb") },
    },
    apps: { shop: { paths: [folder], exclude: ["home"] } },
  });

describe("the seed's example of a policy", () => {
  it("is created with its schedule, its rules and its destinations", async () => {
    const api = await startApi({ config: twoDestinations });
    const destination_ids = [idOf("destination", "nas"), idOf("destination", "usb")];
    const request = {
      name: "Daily Backups",
      schedule: "0 2 * * *",
      keep_daily: 7,
      keep_weekly: 4,
      keep_monthly: 6,
      destination_ids,
    };
    const created = await api.send<Policy>("POST", path, { body: request });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      ...request,
      id: idOf("policy", "Daily Backups"),
      is_default: false,
      enabled: true,
      keep_last: 0,
      keep_hourly: 0,
      keep_yearly: 0,
      read_only: false,
      declared_in: "API",
    });
    expect(created.body["created_at"]).toEqual(created.body["updated_at"]);
    expect((await api.send("GET", `${path}/${created.body.id}`)).body).toEqual(created.body);
    expect(api.told.redeclared).toBe(1);
  });
});

describe("the policy default", () => {
  it("is always there: daily at two, 7/4/6 and the last 3", async () => {
    const api = await startApi();
    expect(await list(api)).toMatchObject([
      {
        id: fallback,
        name: "default",
        is_default: true,
        schedule: "0 2 * * *",
        jitter: "2h",
        keep_last: 3,
        keep_daily: 7,
        keep_weekly: 4,
        keep_monthly: 6,
        read_only: false,
        declared_in: "built in",
        created_at: null,
      },
    ]);
  });

  it("can be changed, also for those that leave something to it, and never be deleted", async () => {
    const api = await startApi();
    const other = await api.send<Policy>("POST", path, { body: { name: "media", schedule: "@weekly" } });
    expect(other.body).toMatchObject({ schedule: "0 0 * * 0", keep_daily: 7, jitter: "2h" });
    const changed = await api.send<Policy>("PATCH", `${path}/${fallback}`, {
      body: { keep_daily: 14, jitter: "0s", timezone: "Europe/Berlin", blackout: ["Mon-Fri 08:00-18:00"] },
    });
    expect(changed.body, changed.text).toMatchObject({ keep_last: 3, keep_daily: 14, keep_monthly: 6, jitter: "0s" });
    expect(changed.body["blackout"]).toEqual(["Mon,Tue,Wed,Thu,Fri 08:00-18:00"]);
    expect((await api.send("GET", `${path}/${other.body.id}`)).body).toMatchObject({
      keep_daily: 14,
      timezone: "Europe/Berlin",
    });
    for (let time = 0; time < 2; time++) {
      const kept = await api.send("DELETE", `${path}/${fallback}`);
      expect(kept).toMatchObject({ status: 409, body: { code: "HF_BUILT_IN" } });
    }
    const back = await api.send("PATCH", `${path}/${fallback}`, { body: { jitter: null, blackout: null } });
    expect(back.body).toMatchObject({ keep_daily: 14, jitter: "2h", blackout: [] });
  });

  it("is read-only when a file declares it, and the rest of the API's policies go by it", async () => {
    const api = await startApi({ config: stringify({ policies: { default: { keep: { daily: 2 } } } }) });
    const refused = await api.send<{ detail: string }>("PATCH", `${path}/${fallback}`, { body: { keep_daily: 1 } });
    expect(refused).toMatchObject({ status: 409, body: { code: "HF_DECLARED_ELSEWHERE" } });
    expect(refused.body.detail).toContain(join(api.folder, "holdfast.yaml"));
    const created = await api.send("POST", path, { body: { name: "media" } });
    expect(created.body).toMatchObject({ keep_daily: 2, keep_last: 0 });
  });
});

describe("a policy", () => {
  it("is refused with what is wrong at its place", async () => {
    const api = await startApi();
    const nobody = idOf("destination", "nobody");
    const wrong: [object, string][] = [
      [{ schedule: "61 * * * *" }, "body.schedule"],
      [{ timezone: "Mars/Olympus" }, "body.timezone"],
      [{ jitter: "soon" }, "body.jitter"],
      [{ blackout: ["always"] }, "body.blackout.0"],
      [{ keep_daily: -1 }, "body.keep_daily"],
      [{ keep_daily: 0, keep_last: 0 }, "body.keep_last"],
      [{ destination_ids: [nobody] }, "body.destination_ids.0"],
      [{ name: "Täglich" }, "body.name"],
      [{ hooks: ["rm -rf /"] }, "body"],
    ];
    for (const [fields, at] of wrong) {
      const refused = await api.send<{ errors: { path: string }[] }>("POST", path, { body: { name: "x", ...fields } });
      expect(refused.status, refused.text).toBe(400);
      expect(refused.body.errors.map((one) => one.path)).toContain(at);
    }
    expect(await list(api)).toHaveLength(1);
  });

  it("gets the rules of the default back by null", async () => {
    const api = await startApi();
    const { body } = await api.send<Policy>("POST", path, { body: { name: "one", keep_daily: 1, keep_last: 9 } });
    const change = async (fields: object) => (await api.send("PATCH", `${path}/${body.id}`, { body: fields })).body;
    expect(await change({ keep_daily: null })).toMatchObject({ keep_daily: 0, keep_last: 9 });
    expect(await change({ keep_last: null })).toMatchObject({ keep_daily: 7, keep_last: 3 });
  });

  it("that would keep nothing after a change is refused", async () => {
    const api = await startApi();
    const { body } = await api.send<Policy>("POST", path, { body: { name: "one", keep_daily: 1 } });
    const refused = await api.send("PATCH", `${path}/${body.id}`, { body: { keep_daily: 0 } });
    expect(refused).toMatchObject({ status: 422, body: { code: "HF_CONFIG_INVALID" } });
    expect((await api.send("GET", `${path}/${body.id}`)).body).toMatchObject({ keep_daily: 1 });
  });

  it("cannot be deleted while an app of a file or a configuration uses it, and says which", async () => {
    const api = await startApi({
      config: (folder) =>
        stringify({
          apps: { one: { paths: [folder] }, two: { paths: [folder], policy: "media" } },
          policies: { media: {} },
        }),
    });
    const { body } = await api.send<Policy>("POST", path, { body: { name: "weekly" } });
    const configuration = { app_id: idOf("app", "one"), policy_id: body.id };
    const set = await api.send("POST", "/api/v1/backup/configurations", { body: configuration });
    expect(set.status, set.text).toBe(201);
    const used = await api.send<{ detail: string }>("DELETE", `${path}/${body.id}`);
    expect(used).toMatchObject({ status: 409, body: { code: "HF_IN_USE" } });
    expect(used.body.detail).toContain("the configuration one");
    await api.send("DELETE", `/api/v1/backup/configurations/${idOf("configuration", "one")}`);
    expect((await api.send("DELETE", `${path}/${body.id}`)).status).toBe(204);
    expect((await api.send("GET", `${path}/${body.id}`)).status).toBe(404);
    expect(await api.send("DELETE", `${path}/${idOf("policy", "media")}`)).toMatchObject({
      status: 409,
      body: { code: "HF_DECLARED_ELSEWHERE" },
    });
  });

  it("keeps its destination from being deleted, and says so", async () => {
    const api = await startShop();
    const nas = { name: "nas", path: join(api.folder, "nas") };
    const { body: destination } = await api.send<{ id: string }>("POST", "/api/v1/backup/destinations/local", {
      body: nas,
    });
    await api.send("POST", path, { body: { name: "off site", destination_ids: [destination.id] } });
    const used = await api.send<{ detail: string }>("DELETE", `/api/v1/backup/destinations/${destination.id}`);
    expect(used).toMatchObject({ status: 409, body: { code: "HF_IN_USE" } });
    expect(used.body.detail).toContain("the policy off site");
  });

  it("that vanishes from a file leaves its app out loudly, and comes back with it", async () => {
    const api = await startApi({
      config: (folder) => stringify({ apps: { one: { paths: [folder] } }, policies: { media: {} } }),
    });
    const configuration = { app_id: idOf("app", "one"), policy_id: idOf("policy", "media") };
    await api.send("POST", "/api/v1/backup/configurations", { body: configuration });
    writeFileSync(join(api.folder, "holdfast.yaml"), stringify({ apps: { one: { paths: [api.folder] } } }));
    await api.live.redeclare();
    const { problems, apps } = api.live.holdfast().declared;
    expect(apps).toEqual([]);
    expect(problems.map(({ code }) => code)).toContain("HF_CONFIG_POLICY_LOST");
    // What is not the new one's doing does not stand in its way, and the lost one can be made again.
    expect((await api.send("POST", path, { body: { name: "media" } })).status).toBe(201);
    expect(api.live.holdfast().declared.apps).toHaveLength(1);
  });
});

describe("the preview of a retention", () => {
  it("shows which of the real snapshots would stay, and why, and changes nothing", async () => {
    const shop = await startShop();
    for (const text of ["a", "b", "c"]) {
      write(join(shop.data, "orders/2026/first.csv"), text);
      await backUp(shop);
    }
    const preview = await shop.send<{
      previews: {
        app: string;
        destination: string;
        kept: number;
        forgotten: number;
        snapshots: { keep: boolean; reasons: string[] }[];
      }[];
      next_app_id: string | null;
    }>("POST", `${path}/preview`, { body: { keep_last: 1 }, as: "read" });
    expect(preview.status, preview.text).toBe(200);
    expect(preview.body).toMatchObject({
      previews: [{ app: "shop", destination: "disk", append_only: false, kept: 1, forgotten: 2 }],
      next_app_id: null,
    });
    expect(preview.body.previews[0]?.snapshots.map(({ keep, reasons }) => [keep, reasons])).toEqual([
      [true, ["newest good", "last"]],
      [false, ["no rule keeps it"]],
      [false, ["no rule keeps it"]],
    ]);
    const asItIs = await shop.send("POST", `${path}/${fallback}/preview`, { body: {} });
    expect(asItIs.body).toMatchObject({ previews: [{ kept: 3, forgotten: 0 }] });
    const tighter = await shop.send("POST", `${path}/${fallback}/preview`, {
      body: { keep_last: 2, keep_daily: 0, keep_weekly: 0, keep_monthly: 0 },
    });
    expect(tighter.body).toMatchObject({ previews: [{ kept: 2, forgotten: 1 }] });
    const gone = { keep_last: 1, from_app_id: idOf("app", "gone") };
    expect((await shop.send("POST", `${path}/preview`, { body: gone })).status).toBe(400);
    const none = await shop.send("POST", `${path}/preview`, { body: {} });
    expect(none.status).toBe(400);
    const listed = await shop.send<{ snapshots: unknown[] }>("GET", "/api/v1/backup/snapshots");
    expect(listed.body.snapshots).toHaveLength(3);
    const destination = await shop.send("GET", `/api/v1/backup/destinations/${idOf("destination", "disk")}`);
    expect(destination.body).toMatchObject({ total_snapshots: 3, repo_initialized: true });
    expect((destination.body as { last_backup_at: string }).last_backup_at).toMatch(/Z$/);
  });
});
