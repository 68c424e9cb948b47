import { randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { idOf } from "../../src/domain/ids.ts";
import { destinationName, snapshotId } from "../../src/domain/names.ts";
import { markForgotten } from "../../src/state/queries/snapshots.ts";
import { takeTurn } from "../../src/state/runs/turns.ts";
import { describeNeeding } from "../support/needs.ts";
import { backUp, backupPath, startShop, write, type Shop, type SnapshotAnswer } from "./support/backups.ts";

interface RunAnswer {
  id: string;
  state: string;
  kind: string;
  problems: { code: string }[];
}

let shop: Shop;
let snapshot: SnapshotAnswer;
let target: string;

beforeEach(async () => {
  shop = await startShop();
  snapshot = await backUp(shop);
  target = join(shop.folder, "back");
});

const restore = async (body: object, id = snapshot.id) =>
  await shop.send<Record<string, unknown>>("POST", `${backupPath}/snapshots/${id}/restore`, { body });
const runs = async (): Promise<RunAnswer[]> =>
  (await shop.send<{ runs: RunAnswer[] }>("GET", `${backupPath}/runs?kind=restore`)).body.runs;
const ended = async (): Promise<RunAnswer[]> =>
  await vi.waitFor(
    async () => {
      const all = await runs();
      expect(all.every(({ state }) => !["queued", "running"].includes(state))).toBe(true);
      return all;
    },
    { timeout: 20_000, interval: 100 },
  );

describe("a restore", () => {
  test("brings everything back below the target", async () => {
    const { status, body } = await restore({
      target_device_id: idOf("device", shop.holdfast.deviceName),
      target_path: target,
    });
    expect([status, body]).toEqual([
      200,
      {
        success: true,
        message: "Restore completed successfully",
        restored_path: target,
        run_id: expect.any(String),
        files: 4,
        bytes: "one\ntwo\nother\n".length,
        verified: true,
        databases: [],
        problems: [],
      },
    ]);
    expect(readFileSync(join(target, shop.data, "orders/2026/first.csv"), "utf8")).toBe("one\n");
    const [run] = await runs();
    expect(run).toMatchObject({ id: body["run_id"], kind: "restore", state: "success" });
  });

  test("of some files takes them by the end of their path", async () => {
    const { status, body } = await restore({
      target_path: target,
      files: ["2026/first.csv", join(shop.data, "empty")],
    });
    expect([status, body["files"]]).toEqual([200, 2]);
    expect(existsSync(join(target, shop.data, "orders/2026/first.csv"))).toBe(true);
    expect(existsSync(join(target, shop.data, "empty"))).toBe(true);
    expect(existsSync(join(target, shop.data, "orders/2026/second.csv"))).toBe(false);
  });

  test("asks which file is meant when a path may be several", async () => {
    const { status, body } = await restore({ target_path: target, files: ["first.csv"] });
    expect([status, body]).toMatchObject([422, { code: "HF_RESTORE_FILE_AMBIGUOUS" }]);
    expect(body["detail"]).toContain(join(shop.data, "orders/2026/first.csv"));
    expect(body["detail"]).toContain(join(shop.data, "notes/first.csv"));
    const unknown = await restore({ target_path: target, files: ["2026/first"] });
    expect([unknown.status, unknown.body]).toMatchObject([422, { code: "HF_RESTORE_FILE_UNKNOWN" }]);
    for (const path of ["../etc/passwd", "orders/../../x", "."]) {
      const refused = await restore({ target_path: target, files: [path] });
      expect([refused.status, refused.body], path).toMatchObject([422, { code: "HF_RESTORE_PATH_REFUSED" }]);
    }
    expect(existsSync(target)).toBe(false);
    expect(await runs()).toEqual([]);
  });

  test("in place puts the app back where it was", async () => {
    rmSync(join(shop.data, "orders"), { recursive: true });
    const { status, body } = await restore({ in_place: true });
    const audit = await shop.send<{ entries: { subject: string; status: number }[] }>("GET", "/api/v1/audit");
    expect(audit.body.entries.slice(0, 2).map((entry) => [entry.subject, entry.status])).toEqual([
      [`snapshot ${snapshot.id}`, 200],
      [`snapshot ${snapshot.id}: restore in place begins`, 202],
    ]);
    expect([status, body]).toMatchObject([200, { success: true, restored_path: null, verified: true }]);
    expect(readFileSync(join(shop.data, "orders/2026/second.csv"), "utf8")).toBe("two\n");
    const both = await restore({ in_place: true, target_path: target });
    expect([both.status, both.body]).toMatchObject([400, { code: "HF_REQUEST_INVALID" }]);
    const neither = await restore({});
    expect([neither.status, neither.body]).toMatchObject([400, { code: "HF_REQUEST_INVALID" }]);
  });

  test("that is not waited for goes on by itself", async () => {
    const { status, body } = await restore({ target_path: target, wait: false });
    expect([status, body]).toEqual([202, { run_id: expect.any(String), status: "in_progress" }]);
    const [run] = await ended();
    expect(run).toMatchObject({ id: body["run_id"], state: "success" });
    expect(existsSync(join(target, shop.data, "empty"))).toBe(true);
  });

  test("goes on when the client goes away", async () => {
    // Somebody has the repository, so that the restore waits for it.
    const turn = await takeTurn(shop.holdfast.state, {
      destination: destinationName("disk"),
      mode: "exclusive",
      owner: shop.holdfast.owner,
      what: "a prune",
      signal: new AbortController().signal,
    });
    const asking = request(`${shop.url}${backupPath}/snapshots/${snapshot.id}/restore`, {
      method: "POST",
      headers: { authorization: `Bearer ${await shop.token("operate")}`, "content-type": "application/json" },
    });
    asking.on("error", () => undefined);
    asking.end(JSON.stringify({ target_path: target }));
    await vi.waitFor(async () => expect(await runs()).toMatchObject([{ state: "running" }]), { timeout: 10_000 });
    asking.destroy();
    await turn[Symbol.asyncDispose]();
    expect(await ended()).toMatchObject([{ state: "success" }]);
    expect(existsSync(join(target, shop.data, "empty"))).toBe(true);
    expect(shop.logged).toEqual([]);
  });

  test("to a folder that another one is writing to waits for nobody", async () => {
    const turn = await takeTurn(shop.holdfast.state, {
      destination: destinationName("disk"),
      mode: "exclusive",
      owner: shop.holdfast.owner,
      what: "a prune",
      signal: new AbortController().signal,
    });
    const first = await restore({ target_path: target, wait: false });
    expect(first.status).toBe(202);
    for (const path of [target, join(target, "deeper")]) {
      const second = await restore({ target_path: path });
      expect([second.status, second.body]).toMatchObject([409, { code: "HF_RESTORE_TARGET_BUSY" }]);
    }
    const beside = restore({ target_path: `${target}-beside` });
    await turn[Symbol.asyncDispose]();
    expect((await beside).status).toBe(200);
    expect((await ended()).map(({ state }) => state)).toEqual(["success", "success"]);
    // The target is free again, and full.
    await vi.waitFor(async () => {
      const third = await restore({ target_path: target });
      expect([third.status, third.body]).toMatchObject([409, { code: "HF_RESTORE_TARGET_NOT_EMPTY" }]);
    });
  });

  test("in place waits for nobody who works on the app", async () => {
    const turn = await takeTurn(shop.holdfast.state, {
      destination: destinationName("disk"),
      mode: "exclusive",
      owner: shop.holdfast.owner,
      what: "a prune",
      signal: new AbortController().signal,
    });
    const first = await restore({ in_place: true, wait: false });
    expect(first.status).toBe(202);
    const second = await restore({ in_place: true });
    expect([second.status, second.body]).toMatchObject([409, { code: "HF_RUN_BUSY" }]);
    const backup = await shop.send("POST", `${backupPath}/configurations/${shop.configuration}/backup`);
    expect([backup.status, backup.body]).toMatchObject([409, { code: "HF_RUN_BUSY" }]);
    await turn[Symbol.asyncDispose]();
    expect(await ended()).toMatchObject([{ state: "success" }]);
  });

  test("that fails says why, and which run it was", async () => {
    rmSync(join(shop.folder, "repository"), { recursive: true });
    const { status, body, headers } = await restore({ target_path: target });
    expect([status, body]).toMatchObject([404, { code: "HF_REPOSITORY_MISSING", run_id: expect.any(String) }]);
    expect(headers.get("content-type")).toContain("application/problem+json");
    const [run] = await runs();
    expect(run).toMatchObject({ id: body["run_id"], state: "failed", problems: [{ code: "HF_REPOSITORY_MISSING" }] });
  });

  test("of a snapshot that is not there says so", async () => {
    const unknown = await restore({ target_path: target }, randomUUID());
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_SNAPSHOT_UNKNOWN" }]);
    const device = await restore({ target_path: target, target_device_id: randomUUID() });
    expect([device.status, device.body]).toMatchObject([404, { code: "HF_UNKNOWN_ID" }]);
    const stored = snapshotId(snapshot.restic_snapshot_id ?? "");
    await markForgotten(shop.holdfast.state, destinationName("disk"), [stored], "2026-01-01T00:00:00.000Z");
    const gone = await restore({ target_path: target });
    expect([gone.status, gone.body]).toMatchObject([410, { code: "HF_SNAPSHOT_FORGOTTEN" }]);
    expect(await runs()).toEqual([]);
  });
});

describe("the target of a restore", () => {
  const expectRefused = async (path: string): Promise<void> => {
    const { status, body } = await restore({ target_path: path });
    expect([status, body], path).toMatchObject([422, { code: "HF_RESTORE_TARGET_REFUSED" }]);
  };

  test("lies below a folder that is allowed, also when links lead elsewhere", async () => {
    mkdirSync(join(shop.folder, "links"));
    symlinkSync("/etc", join(shop.folder, "links/etc"));
    symlinkSync("/etc/holdfast-restored-nowhere", join(shop.folder, "links/dangling"));
    symlinkSync("loop", join(shop.folder, "links/loop"));
    for (const path of [
      "/etc/holdfast-restored",
      "/",
      "/tmp",
      "/root/x",
      "relative/path",
      "/tmp/../etc/holdfast-restored",
      `${shop.folder}/../../etc/x`,
      join(shop.folder, "links/etc/holdfast-restored"),
      join(shop.folder, "links/etc"),
      join(shop.folder, "links/dangling"),
      join(shop.folder, "links/dangling/deeper"),
      join(shop.folder, "links/loop/x"),
      `/tmp/${"x".repeat(300)}`,
      "/proc/self/root/etc/holdfast-restored",
    ]) {
      await expectRefused(path);
    }
    for (const path of ["/etc/holdfast-restored", "/etc/holdfast-restored-nowhere"])
      expect(existsSync(path)).toBe(false);
    for (const body of [{ target_path: "/tmp/nul\0x" }, { target_path: target, files: ["or\0ders"] }]) {
      const { status, body: told } = await restore(body);
      expect([status, told]).toMatchObject([400, { code: "HF_REQUEST_INVALID" }]);
    }
    expect(await runs()).toEqual([]);
  });

  test("is absent or an empty folder, outside Holdfast's home", async () => {
    writeFileSync(join(shop.folder, "file"), "");
    await expectRefused(join(shop.folder, "file"));
    await expectRefused(join(shop.folder, "file/below"));
    await expectRefused(join(shop.folder, "home/staging/x"));
    await expectRefused(join(shop.folder, "home"));
    write(join(target, "something"), "");
    const full = await restore({ target_path: target });
    expect([full.status, full.body]).toMatchObject([409, { code: "HF_RESTORE_TARGET_NOT_EMPTY" }]);
    mkdirSync(join(shop.folder, "nothing"));
    expect((await restore({ target_path: join(shop.folder, "nothing") })).status).toBe(200);
    const restores = join(shop.folder, "home/restores/first");
    expect((await restore({ target_path: restores })).body["restored_path"]).toBe(restores);
  });

  test("is ours alone from the beginning, not only once the restore has its turn", async () => {
    await using _turn = await takeTurn(shop.holdfast.state, {
      destination: destinationName("disk"),
      mode: "exclusive",
      owner: shop.holdfast.owner,
      what: "a prune",
      signal: new AbortController().signal,
    });
    expect((await restore({ target_path: join(target, "deep"), wait: false })).status).toBe(202);
    for (const folder of [target, join(target, "deep")]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("is not below a folder in which others may exchange it", async () => {
    const open = join(shop.folder, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    await expectRefused(join(open, "x"));
    chmodSync(open, 0o1777);
    expect((await restore({ target_path: join(open, "x") })).status).toBe(200);
  });
});

/** A backup of another app than the shop, as it is declared now. */
const backUpApp = async (app: string, of: Shop = shop): Promise<SnapshotAnswer> =>
  await backUp({ ...of, holdfast: of.live.holdfast(), configuration: idOf("configuration", app) });

describe("what an app's declaration cannot do", () => {
  test("a SQLite file goes back only where it came from", async () => {
    const file = join(shop.folder, "notes.db");
    const elsewhere = join(shop.folder, "home-of-root", "authorized_keys");
    new Sqlite(file).exec("CREATE TABLE notes (text TEXT)").close();
    const databases = (path: string) => [{ type: "sqlite", name: "notes", path }];
    const made = await shop.send("POST", `${backupPath}/apps`, { body: { name: "notes", databases: databases(file) } });
    expect(made.status, made.text).toBe(201);
    const { id } = await backUpApp("notes");
    const put = { in_place: true, databases: "all" };
    expect(await restore(put, id)).toMatchObject({ status: 200 });
    const moved = await shop.send("PATCH", `${backupPath}/apps/${idOf("app", "notes")}`, {
      body: { databases: databases(elsewhere) },
    });
    expect(moved.status, moved.text).toBe(200);
    const refused = await restore(put, id);
    expect([refused.status, refused.body]).toMatchObject([502, { code: "HF_LOAD_FAILED" }]);
    expect(existsSync(elsewhere)).toBe(false);
  });

  test("Holdfast's own state is never put in place, whatever the app is called", async () => {
    const own = await startShop({
      config: (folder) =>
        [
          `destinations: { disk: { type: local, path: ${join(folder, "repository")} } }`,
          `apps: { other: { databases: [{ type: sqlite, name: own, path: ${join(folder, "home/state.db")} }] } }`,
        ].join("\n"),
    });
    const { id } = await backUpApp("other", own);
    const { status, body } = await own.send("POST", `${backupPath}/snapshots/${id}/restore`, {
      body: { in_place: true, databases: "all" },
    });
    expect([status, body]).toMatchObject([409, { code: "HF_SYSTEM_IN_PLACE" }]);
  });

  test("Holdfast's own configuration is not put in place over the API, and read by admins alone", async () => {
    const own = await startShop({ more: "", config: withSystem });
    const { id } = await backUpApp("holdfast-config", own);
    const path = `${backupPath}/snapshots/${id}`;
    const refused = await own.send("POST", `${path}/restore`, { body: { in_place: true }, as: "operate" });
    expect([refused.status, refused.body]).toMatchObject([409, { code: "HF_SYSTEM_IN_PLACE" }]);
    const file = `${path}/download?path=${join(own.folder, "holdfast.yaml")}`;
    for (const asked of [`${path}/files`, file]) {
      const operator = await own.send("GET", asked, { as: "operate" });
      expect([operator.status, operator.body], asked).toMatchObject([403, { code: "HF_SCOPE_TOO_SMALL" }]);
      expect((await own.send("GET", asked)).status, asked).toBe(200);
    }
  });
});

const withSystem = (folder: string): string =>
  [
    `destinations: { disk: { type: local, path: ${join(folder, "repository")} } }`,
    "apps: { holdfast-config: { tags: [own] } }",
  ].join("\n");

describe("daemon.restore_roots", () => {
  test("alone say where", async () => {
    const own = await startShop({ more: "daemon: { restore_roots: [/var/tmp/holdfast-nowhere] }" });
    const stored = await backUp(own);
    const { status, body } = await own.send("POST", `${backupPath}/snapshots/${stored.id}/restore`, {
      body: { target_path: join(own.folder, "back") },
    });
    expect([status, body]).toMatchObject([422, { code: "HF_RESTORE_TARGET_REFUSED" }]);
  });
});

describeNeeding("root")("a folder of another user", () => {
  test("is no place for a restore: its owner could lead it elsewhere", async () => {
    const theirs = join(shop.folder, "theirs");
    mkdirSync(theirs);
    chownSync(theirs, 65_534, 65_534);
    const { status, body } = await restore({ target_path: join(theirs, "x") });
    expect([status, body]).toMatchObject([422, { code: "HF_RESTORE_TARGET_REFUSED" }]);
  });
});
