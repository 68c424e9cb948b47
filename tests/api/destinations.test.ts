import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { idOf } from "../../src/domain/ids.ts";
import type { Answer, Api } from "./support/start-api.ts";
import { startWithRestic } from "./support/with-restic.ts";
import { destinationsPath as path, type Destination, type Problem } from "./support/destinations.ts";
import { resticIn } from "./support/restic.ts";

async function addLocal(api: Api, name: string, folder: string, more: object = {}): Promise<Answer<Destination>> {
  return await api.send<Destination>("POST", `${path}/local`, {
    body: { name, path: join(api.folder, folder), ...more },
  });
}

describe("a local destination", () => {
  it("is created by the seed's example request", async () => {
    const api = await startWithRestic();
    const device_id = idOf("device", api.holdfast.deviceName);
    const created = await addLocal(api, "NAS Backups", "mnt/nfs/backups", { device_id });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      name: "NAS Backups",
      type: "local",
      repo_initialized: true,
      local_device_id: device_id,
      local_path: join(api.folder, "mnt/nfs/backups"),
    });
    expect(existsSync(join(api.folder, "mnt/nfs/backups/config"))).toBe(true);
    const [sealed] = await api.holdfast.state.selectFrom("secrets").selectAll().execute();
    const password = (await api.holdfast.vault()).open(sealed?.name ?? "", sealed?.sealed ?? "").reveal();
    expect(Buffer.from(password, "base64url")).toHaveLength(32);
    expect(created.text).not.toContain(password);
  });

  it("of another device is refused", async () => {
    const api = await startWithRestic();
    const refused = await addLocal(api, "nas", "nas", { device_id: idOf("device", "elsewhere") });
    expect(refused).toMatchObject({ status: 422, body: { code: "HF_DEVICE_UNSUPPORTED" } });
  });

  it("may not lie in Holdfast's own folder, above it, in the system's or behind a link into one of them", async () => {
    const api = await startWithRestic();
    const home = api.holdfast.home.root;
    symlinkSync(home, join(api.folder, "innocent"));
    const paths = [
      join(home, "keys"),
      home,
      api.folder,
      "/",
      "/etc/backups",
      "/proc/self",
      "relative/path",
      `${api.folder}/nas/../home/keys`,
      join(api.folder, "innocent", "staging"),
    ];
    for (const one of paths) {
      const refused = await api.send<Problem>("POST", `${path}/local`, { body: { name: "nas", path: one } });
      expect(refused.status, `${one}: ${refused.text}`).toBe(422);
    }
    expect(readdirSync(home)).not.toContain("config");
    expect(await api.holdfast.state.selectFrom("declarations").selectAll().execute()).toEqual([]);
  });

  it("takes over a repository that is there, with its password and not without", async () => {
    const api = await startWithRestic();
    const folder = join(api.folder, "old");
    await resticIn(api, folder, "its own password", ["init"]);
    const without = await addLocal(api, "old", "old");
    expect(without).toMatchObject({ status: 409, body: { code: "HF_REPOSITORY_EXISTS" } });
    const wrong = await addLocal(api, "old", "old", { password: "another password" });
    expect(wrong).toMatchObject({ status: 502, body: { code: "HF_REPOSITORY_PASSWORD" } });
    expect(await api.holdfast.state.selectFrom("secrets").selectAll().execute()).toEqual([]);
    const taken = await addLocal(api, "old", "old", { password: "its own password" });
    expect(taken.status, taken.text).toBe(201);
    const tested = await api.send("POST", `${path}/${taken.body.id}/test`);
    expect(tested.body).toMatchObject({ repository: "present", problems: [] });
    expect(taken.text + tested.text).not.toContain("its own password");
  });

  it("is deleted without touching its repository, and its name takes it over again", async () => {
    const api = await startWithRestic();
    const created = await addLocal(api, "nas", "nas");
    const deleted = await api.send("DELETE", `${path}/${created.body.id}`);
    expect(deleted.status).toBe(204);
    expect((await api.send("GET", `${path}/${created.body.id}`)).status).toBe(404);
    expect(existsSync(join(api.folder, "nas/config"))).toBe(true);
    const again = await addLocal(api, "nas", "nas");
    expect(again.status, again.text).toBe(201);
    expect(again.body["repository_id"]).toBe(created.body["repository_id"]);
    await api.send("DELETE", `${path}/${created.body.id}`);
    const elsewhere = await addLocal(api, "nas", "elsewhere");
    expect(elsewhere).toMatchObject({ status: 409, body: { code: "HF_REPOSITORY_EXCHANGED" } });
  });

  it("is changed only to where the same repository answers", async () => {
    const api = await startWithRestic();
    const { body } = await addLocal(api, "nas", "nas");
    symlinkSync(join(api.folder, "nas"), join(api.folder, "other-way"));
    const moved = await api.send<Destination>("PATCH", `${path}/${body.id}`, {
      body: { path: join(api.folder, "other-way"), append_only: true, upload_limit: "5MiB/s" },
    });
    expect(moved.status, moved.text).toBe(200);
    expect(moved.body).toMatchObject({
      append_only: true,
      upload_limit: "5120KiB/s",
      location: join(api.folder, "other-way"),
    });
    const lost = await api.send<Problem>("PATCH", `${path}/${body.id}`, { body: { path: join(api.folder, "empty") } });
    expect(lost.body.code).toBe("HF_REPOSITORY_MISSING");
    const other = await addLocal(api, "other", "other");
    const exchanged = await api.send<Problem>("PATCH", `${path}/${body.id}`, {
      body: { path: other.body.local_path, password: "x" },
    });
    expect(exchanged.body.code).toBe("HF_REPOSITORY_PASSWORD");
    const disabled = await api.send<Destination>("PATCH", `${path}/${body.id}`, { body: { enabled: false } });
    expect(disabled.body).toMatchObject({
      enabled: false,
      local_path: join(api.folder, "other-way"),
      append_only: true,
    });
    const unknown = await api.send<Problem>("PATCH", `${path}/${body.id}`, { body: { endpoint: "s3.example.com" } });
    expect(unknown).toMatchObject({ status: 422, body: { code: "HF_CONFIG_INVALID" } });
  });

  it("is initialised, checked, pruned and unlocked by its own routes", async () => {
    const api = await startWithRestic({
      config: (folder) => stringify({ destinations: { nas: { type: "local", path: join(folder, "nas") } } }),
    });
    const id = idOf("destination", "nas");
    const before = await api.send<Destination>("GET", `${path}/${id}`);
    expect(before.body).toMatchObject({ repo_initialized: false, location: null, total_size: null });
    expect((await api.send("POST", `${path}/${id}/init`)).body).toEqual({ repo_initialized: true });
    expect(existsSync(join(api.folder, "nas/config"))).toBe(true);
    const checked = await api.send<{ run_id: string }>("POST", `${path}/${id}/check`, { body: { data: "none" } });
    expect(checked.status, checked.text).toBe(202);
    const again = await api.send<{ run_id: string }>("POST", `${path}/${id}/check`);
    expect(again.body.run_id).toBe(checked.body.run_id);
    expect((await api.send("POST", `${path}/${id}/prune`)).status).toBe(202);
    expect(api.told.woken).toBe(3);
    expect((await api.send("POST", `${path}/${id}/unlock`)).body).toEqual({ removed: [], remaining: [] });
  });

  it("gets a new repository password", async () => {
    const api = await startWithRestic();
    const { body } = await addLocal(api, "nas", "nas");
    const rotated = await api.send("POST", `${path}/${body.id}/rotate-password`);
    expect(rotated.body, rotated.text).toMatchObject({ removed: 1, problems: [] });
    expect((await api.send("POST", `${path}/${body.id}/test`)).body).toMatchObject({ repository: "present" });
  });
});

describe("what a destination may be", () => {
  it("is not what leads to a metadata address by the bucket's name or by a redirect", async () => {
    const redirecting = createServer((_request, response) => {
      response.writeHead(307, { location: "http://169.254.169.254/latest" }).end();
    });
    await once(redirecting.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void redirecting.close());
    const { port } = redirecting.address() as AddressInfo;
    const api = await startWithRestic();
    const s3 = { bucket: "metadata", endpoint: "google.internal", access_key: "a", secret_key: "b" };
    const bodies: [string, object][] = [
      ["rest", { url: `http://127.0.0.1:${port}/homelab` }],
      ["s3", { ...s3, bucket_lookup: "dns" }],
    ];
    for (const [type, body] of bodies) {
      const refused = await api.send<Problem>("POST", `${path}/${type}`, { body: { name: "x", ...body } });
      expect(refused.body, refused.text).toMatchObject({ code: "HF_ADDRESS_REFUSED" });
    }
  });

  it("is never a metadata address, a file, or a remote that runs commands", async () => {
    const api = await startWithRestic();
    const keys = { access_key: "a", secret_key: "b", bucket: "bucket" };
    const bodies: [string, object][] = [
      ["s3", { ...keys, endpoint: "http://169.254.169.254" }],
      ["rest", { url: "http://169.254.169.254/latest" }],
      ["rest", { url: "file:///etc/passwd" }],
      ["sftp", { host: "169.254.169.254", path: "/x" }],
      ["rclone", { remote: ':sftp,ssh="touch /tmp/owned":/x' }],
      ["rclone", { remote: "nas,ssh=touch:/x" }],
      ["rclone", { remote: ":local:/etc" }],
    ];
    for (const [type, body] of bodies) {
      const refused = await api.send<Problem>("POST", `${path}/${type}`, { body: { name: "x", ...body } });
      expect([400, 422], refused.text).toContain(refused.status);
    }
    const program = { name: "x", remote: "gdrive:x", program: "/bin/sh" };
    expect((await api.send("POST", `${path}/rclone`, { body: program })).status).toBe(400);
    const file = { name: "x", host: "nas", path: "x", key_file: "/root/.ssh/id_ed25519" };
    expect((await api.send("POST", `${path}/sftp`, { body: file })).status).toBe(400);
    const reference = { name: "x", endpoint: "nas:9000", ...keys, secret_key: { sealed: "repository:nas" } };
    expect((await api.send("POST", `${path}/s3`, { body: reference })).status).toBe(400);
  });

  it("has a name without unicode, slashes or control characters, told at its place", async () => {
    const api = await startWithRestic();
    for (const name of ["Größe", "nas/..", "nas\n", " nas", "nas  two", "", "n".repeat(64), "-nas", "nas\u202e"]) {
      const refused = await addLocal(api, name, "nas");
      expect(refused.status, JSON.stringify(name)).toBe(400);
      expect(refused.body).toMatchObject({ code: "HF_REQUEST_INVALID", errors: [{ path: "body.name" }] });
    }
    expect(existsSync(join(api.folder, "nas"))).toBe(false);
  });

  it("keeps two apart that differ by case alone", async () => {
    const api = await startWithRestic();
    const [upper, lower] = [await addLocal(api, "NAS", "upper"), await addLocal(api, "nas", "lower")];
    expect([upper.status, lower.status]).toEqual([201, 201]);
    expect(upper.body.id).not.toBe(lower.body.id);
    expect(upper.body["repository_id"]).not.toBe(lower.body["repository_id"]);
    expect((await api.send("DELETE", `${path}/${upper.body.id}`)).status).toBe(204);
    expect((await api.send("POST", `${path}/${lower.body.id}/test`)).body).toMatchObject({ repository: "present" });
  });
});

describe("what a file declares", () => {
  it("is read-only and says where it is declared", async () => {
    const api = await startWithRestic({
      config: (folder) => stringify({ destinations: { nas: { type: "local", path: join(folder, "nas") } } }),
    });
    const id = idOf("destination", "nas");
    const read = await api.send<Destination>("GET", `${path}/${id}`);
    const file = join(api.folder, "holdfast.yaml");
    expect(read.body).toMatchObject({ read_only: true, declared_in: file, created_at: null });
    for (const [method, body] of [
      ["PATCH", { enabled: false }],
      ["DELETE", undefined],
    ] as const) {
      const refused = await api.send<Problem>(method, `${path}/${id}`, { body });
      expect(refused).toMatchObject({ status: 409, body: { code: "HF_DECLARED_ELSEWHERE" } });
      expect(refused.body.detail).toContain(file);
    }
    expect(await addLocal(api, "nas", "other")).toMatchObject({ status: 409, body: { code: "HF_NAME_TAKEN" } });
  });

  it("wins over what the API made under the same name, which is told and can be deleted", async () => {
    const api = await startWithRestic();
    const { body } = await addLocal(api, "nas", "nas");
    const other = join(api.folder, "other");
    const yaml = stringify({ destinations: { nas: { type: "local", path: other } } });
    writeFileSync(join(api.folder, "holdfast.yaml"), yaml);
    await api.live.redeclare();
    expect((await api.send<Destination>("GET", `${path}/${body.id}`)).body.local_path).toBe(other);
    expect(api.live.holdfast().declared.problems).toMatchObject([
      { code: "HF_DECLARED_TWICE", params: { name: "nas" } },
    ]);
    expect((await api.send("DELETE", `${path}/${body.id}`)).status).toBe(204);
    expect(api.live.holdfast().declared.problems).toEqual([]);
    expect((await api.send("DELETE", `${path}/${body.id}`)).status).toBe(409);
  });
});

describe("concurrency", () => {
  it("lets one of many who create the same name win, whose repository opens", async () => {
    const api = await startWithRestic();
    const answers = await Promise.all([1, 2, 3, 4].map(() => addLocal(api, "nas", "nas")));
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([201, 409, 409, 409]);
    const id = idOf("destination", "nas");
    expect((await api.send("POST", `${path}/${id}/test`)).body).toMatchObject({ repository: "present", problems: [] });
  });

  it("takes no password from one that succeeds when another of the same name fails", async () => {
    const api = await startWithRestic();
    await resticIn(api, join(api.folder, "taken"), "its own password", ["init"]);
    const [failed, made] = await Promise.all([addLocal(api, "nas", "taken"), addLocal(api, "nas", "free")]);
    expect([failed.status, made.status]).toEqual([409, 201]);
    const id = idOf("destination", "nas");
    expect((await api.send("POST", `${path}/${id}/test`)).body).toMatchObject({ repository: "present", problems: [] });
  });

  it("loses no change of changes to different fields at once, also of one that takes long", async () => {
    const api = await startWithRestic();
    const { body } = await addLocal(api, "nas", "nas");
    const otherWay = join(api.folder, "other-way");
    symlinkSync(join(api.folder, "nas"), otherWay);
    const changes = [{ path: otherWay }, { at_once: 3 }, { lock_wait: "7m" }, { append_only: true }];
    await Promise.all(changes.map((change) => api.send("PATCH", `${path}/${body.id}`, { body: change })));
    expect((await api.send("GET", `${path}/${body.id}`)).body).toMatchObject({
      local_path: otherWay,
      at_once: 3,
      lock_wait: "7m",
      append_only: true,
    });
  });
});

describe("the embedded repository", () => {
  it("stays when the API adds a destination after it was used, and can be disabled", async () => {
    const api = await startWithRestic();
    const local = idOf("destination", "local");
    const before = await api.send<{ destinations: Destination[] }>("GET", path);
    expect(before.body.destinations).toMatchObject([{ id: local, declared_in: "built in", read_only: false }]);
    expect((await api.send("DELETE", `${path}/${local}`)).body).toMatchObject({ code: "HF_BUILT_IN" });
    await api.send("POST", `${path}/${local}/init`);
    const added = await addLocal(api, "nas", "nas");
    const both = await api.send<{ destinations: Destination[] }>("GET", path);
    expect(both.body.destinations.map(({ name }) => name)).toEqual(["local", "nas"]);
    const policies = await api.send<{ policies: { destination_ids: string[] }[] }>("GET", "/api/v1/backup/policies");
    expect(policies.body.policies[0]?.destination_ids).toEqual([local, added.body.id]);
    const off = await api.send("PATCH", `${path}/${local}`, { body: { enabled: false } });
    expect(off.body, off.text).toMatchObject({ enabled: false, local_path: api.holdfast.home.repository });
  });

  it("gives way to the API's first destination when it was never used", async () => {
    const api = await startWithRestic();
    await addLocal(api, "nas", "nas");
    const both = await api.send<{ destinations: Destination[] }>("GET", path);
    expect(both.body.destinations.map(({ name }) => name)).toEqual(["nas"]);
  });
});

describe("rights", () => {
  it("lets readers look, operators test, and only admins declare", async () => {
    const api = await startWithRestic();
    mkdirSync(join(api.folder, "nas"));
    expect((await api.send("GET", path, { as: "read" })).status).toBe(200);
    const body = { name: "nas", path: join(api.folder, "nas") };
    expect((await api.send("POST", `${path}/local`, { body, as: "operate" })).status).toBe(403);
    const test = `${path}/${idOf("destination", "local")}/test`;
    expect((await api.send("POST", test, { as: "read" })).status).toBe(403);
    expect((await api.send("POST", test, { as: "operate" })).status).toBe(200);
  });
});
