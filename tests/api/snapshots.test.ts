import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { idOf } from "../../src/domain/ids.ts";
import { appName, destinationName, runId, snapshotId, snapshotRecordId } from "../../src/domain/names.ts";
import type { SnapshotRecord } from "../../src/domain/snapshot.ts";
import { insertSnapshotRecord, markForgotten } from "../../src/state/queries/snapshots.ts";
import { backUp, backupPath, runQueue, startShop, write, type Shop, type SnapshotAnswer } from "./support/backups.ts";
import { startApi, type Api } from "./support/start-api.ts";

interface Page {
  snapshots: SnapshotAnswer[];
  next_cursor: string | null;
}

interface Listing {
  path: string;
  entries: { name: string; path: string; type: string; size: number; mode: string; mtime: string }[];
  total: number;
  next_cursor: string | null;
}

describe("a backup on demand", () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await startShop();
  });

  test("is a snapshot in progress at once, and true in every field when it has ended", async () => {
    const asked = await shop.send<{ snapshot_id: string; run_id: string; status: string; snapshots: unknown }>(
      "POST",
      `${backupPath}/configurations/${shop.configuration}/backup`,
    );
    expect(asked.status).toBe(202);
    expect(asked.body).toEqual({
      snapshot_id: expect.any(String),
      status: "in_progress",
      run_id: expect.any(String),
      follows: false,
      snapshots: [{ id: asked.body.snapshot_id, destination_id: idOf("destination", "disk"), destination: "disk" }],
    });
    expect(shop.told.woken).toBe(1);
    const path = `${backupPath}/snapshots/${asked.body.snapshot_id}`;
    const before = await shop.send<SnapshotAnswer>("GET", path);
    expect(before.body).toMatchObject({ status: "in_progress", restic_snapshot_id: null, duration: null });
    expect(before.body).not.toHaveProperty("completed_at");

    await runQueue(shop);
    const after = (await shop.send<SnapshotAnswer>("GET", path)).body;
    expect(after).toMatchObject({
      id: asked.body.snapshot_id,
      configuration_id: shop.configuration,
      app_id: idOf("app", "shop"),
      app: "shop",
      destination_id: idOf("destination", "disk"),
      run_id: asked.body.run_id,
      restic_snapshot_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      hostname: shop.holdfast.deviceName,
      paths: expect.arrayContaining([shop.data]),
      status: "success",
      verdict: "good",
      pinned: false,
      unchanged: false,
      files_changed: 0,
      files_unmodified: 0,
      data_added: expect.any(Number),
      duration: expect.any(Number),
      started_at: expect.any(String),
      completed_at: expect.any(String),
      created_at: expect.any(String),
    });
    // The shop's four files and capture.json.
    expect([after["files_new"], after["total_files"]]).toEqual([5, 5]);
    expect(after["data_added"]).toBeGreaterThan(0);
    expect(after["total_size"]).toBeGreaterThanOrEqual("one\ntwo\nother\n".length);
  });

  test("of an app that has one queued is that one", async () => {
    const path = `${backupPath}/configurations/${shop.configuration}/backup`;
    const first = await shop.send<object>("POST", path, { body: { init: false } });
    const second = await shop.send<object>("POST", path);
    expect(second.body).toEqual({ ...first.body, follows: true });
  });

  test("names what is wrong with it", async () => {
    const path = `${backupPath}/configurations/${shop.configuration}/backup`;
    const unknown = await shop.send("POST", `${backupPath}/configurations/${randomUUID()}/backup`);
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_UNKNOWN_ID" }]);
    const elsewhere = await shop.send("POST", path, { body: { destination_ids: [randomUUID()] } });
    expect([elsewhere.status, elsewhere.body]).toMatchObject([404, { code: "HF_UNKNOWN_ID" }]);
    const reader = await shop.send("POST", path, { as: "read" });
    expect(reader.status).toBe(403);
  });

  test("that creates a repository anew is for admins", async () => {
    const path = `${backupPath}/configurations/${shop.configuration}/backup`;
    const operator = await shop.send("POST", path, { as: "operate", body: { init: true } });
    expect([operator.status, operator.body]).toMatchObject([403, { code: "HF_SCOPE_TOO_SMALL" }]);
    expect((await shop.send("POST", path, { body: { init: true } })).status).toBe(202);
  });

  test("has a plan that shows the commands of hooks to admins alone", async () => {
    const hooks = `before: ["PASSWORD=hidden-1 notify", "notify --token hidden-2", { command: [curl, hidden-3] }]`;
    const own = await startShop({
      config: (folder) =>
        [
          `destinations: { disk: { type: local, path: ${join(folder, "repository")} } }`,
          `apps: { shop: { paths: [${join(folder, "data")}], hooks: { ${hooks} } } }`,
        ].join("\n"),
    });
    const path = `${backupPath}/configurations/${own.configuration}/plan`;
    const reader = await own.send<{ before: { command: unknown }[] }>("GET", path, { as: "read" });
    expect(reader.body.before.map(({ command }) => command)).toEqual(["sh", "notify", ["curl"]]);
    expect(reader.text).not.toContain("hidden");
    expect((await own.send("GET", path)).text).toMatch(/hidden-1.*hidden-2.*hidden-3/);
  });

  test("has a plan that can be looked at before", async () => {
    const plan = await shop.send("GET", `${backupPath}/configurations/${shop.configuration}/plan`);
    expect([plan.status, plan.body]).toMatchObject([
      200,
      {
        app: "shop",
        configuration_id: shop.configuration,
        files: { paths: [shop.data], missing: [] },
        stores: [{ destination: "disk", destination_id: idOf("destination", "disk") }],
        problems: [],
        refusals: [],
      },
    ]);
    expect(await shop.holdfast.state.selectFrom("runs").selectAll().execute()).toEqual([]);
  });
});

describe("the list of snapshots", () => {
  const started = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();

  const record = (index: number, more: Partial<SnapshotRecord> = {}): SnapshotRecord => ({
    id: snapshotRecordId(randomUUID()),
    runId: runId(randomUUID()),
    app: appName(index % 2 === 0 ? "even" : "odd"),
    destination: destinationName(index % 3 === 0 ? "third" : "disk"),
    status: "success",
    verdict: "good",
    resticId: snapshotId(index.toString(16).padStart(64, "0")),
    time: started(index),
    host: "here",
    paths: ["/srv"],
    tags: [],
    parts: [],
    pinned: index % 10 === 0,
    startedAt: started(index),
    completedAt: started(index),
    durationMs: 1000,
    ...more,
  });

  async function all(api: Api, query: string, between: () => Promise<void> = async () => undefined): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { status, body, text } = await api.send<Page>("GET", `${backupPath}/snapshots?${query}${next}`);
      if (status !== 200) throw new Error(text);
      ids.push(...body.snapshots.map(({ id }) => id));
      cursor = body.next_cursor;
      await between();
    }
    return ids;
  }

  test("gives every record once, newest first, whatever is added meanwhile", async () => {
    const api = await startApi();
    const records = Array.from({ length: 60 }, (_, index) => record(index));
    // Several of one moment: their order is by id, and no page loses one.
    records.push(...Array.from({ length: 25 }, () => record(30)));
    for (const one of records) await insertSnapshotRecord(api.holdfast.state, one);
    let added = 1000;
    const ids = await all(api, "limit=7", async () => {
      await insertSnapshotRecord(api.holdfast.state, record(added++));
    });
    const expected = records.sort(
      (one, other) => other.startedAt.localeCompare(one.startedAt) || other.id.localeCompare(one.id),
    );
    expect(ids).toEqual(expected.map(({ id }) => id));
  });

  test("filters by app, destination, status, verdict, pin, run and time", async () => {
    const api = await startApi();
    const records = Array.from({ length: 30 }, (_, index) => record(index));
    records.push(record(100, { status: "failed", problem: { code: "HF_CANCELLED", params: {} } }));
    records.push(record(101, { verdict: "suspect" }));
    records.push(record(102, { forgottenAt: started(200) }));
    records.push(record(103, { status: "unchanged", resticId: snapshotId((29).toString(16).padStart(64, "0")) }));
    for (const one of records) await insertSnapshotRecord(api.holdfast.state, one);
    const expectOnly = async (query: string, wanted: (one: SnapshotRecord) => boolean): Promise<void> => {
      const expected = records.filter((one) => wanted(one)).map(({ id }) => id);
      expect((await all(api, query)).sort(), query).toEqual(expected.sort());
    };
    const shown = (one: SnapshotRecord): boolean => one.forgottenAt === undefined && one.status !== "unchanged";
    await expectOnly("", shown);
    await expectOnly(`app_id=${idOf("app", "odd")}`, (one) => shown(one) && one.app === "odd");
    await expectOnly(`configuration_id=${idOf("configuration", "odd")}`, (one) => shown(one) && one.app === "odd");
    await expectOnly(
      `destination_id=${idOf("destination", "third")}&app_id=${idOf("app", "even")}`,
      (one) => shown(one) && one.destination === "third" && one.app === "even",
    );
    await expectOnly(`app_id=${randomUUID()}`, () => false);
    await expectOnly("status=failed", (one) => one.status === "failed");
    await expectOnly("status=success", (one) => shown(one) && one.status === "success");
    await expectOnly(
      "status=success&unchanged=true",
      (one) => one.forgottenAt === undefined && one.status !== "failed",
    );
    await expectOnly("verdict=good", (one) => shown(one) && one.verdict === "good");
    await expectOnly("pinned=false", (one) => shown(one) && !one.pinned);
    await expectOnly("verdict=suspect", (one) => one.verdict === "suspect");
    await expectOnly("pinned=true", (one) => shown(one) && one.pinned);
    await expectOnly(`run_id=${records[3]?.runId ?? ""}`, (one) => one === records[3]);
    await expectOnly(
      `from=${started(10)}&to=${started(20)}`,
      (one) => one.startedAt >= started(10) && one.startedAt < started(20),
    );
    await expectOnly("forgotten=true", (one) => one.status !== "unchanged");
    await expectOnly("unchanged=true", (one) => one.forgottenAt === undefined);
  });

  test("tells of a run that found nothing changed as a success, by what it points to", async () => {
    const api = await startApi();
    const stored = record(3);
    const unchanged = record(5, { status: "unchanged", resticId: stored.resticId ?? snapshotId(""), paths: [] });
    for (const one of [stored, { ...unchanged, destination: stored.destination }]) {
      await insertSnapshotRecord(api.holdfast.state, one);
    }
    const { body } = await api.send<SnapshotAnswer>("GET", `${backupPath}/snapshots/${unchanged.id}`);
    expect(body).toMatchObject({
      status: "success",
      unchanged: true,
      restic_snapshot_id: stored.resticId,
      paths: ["/srv"],
      verdict: "good",
      files_new: 0,
      data_added: 0,
    });
    // What is done to it is done to the snapshot that it points to.
    await api.send("POST", `${backupPath}/snapshots/${unchanged.id}/pin`, { body: { pinned: true } });
    expect((await api.send<SnapshotAnswer>("GET", `${backupPath}/snapshots/${stored.id}`)).body["pinned"]).toBe(true);
  });

  test("refuses what is no filter", async () => {
    const api = await startApi();
    for (const query of [
      "limit=501",
      "limit=0",
      "cursor=abc",
      "cursor=%00",
      "status=unchanged",
      "from=yesterday",
      "x=1",
    ]) {
      const { status, body } = await api.send("GET", `${backupPath}/snapshots?${query}`);
      expect([status, body], query).toMatchObject([400, { code: "HF_REQUEST_INVALID" }]);
    }
  });
});

describe("a snapshot's files", () => {
  let shop: Shop;
  let snapshot: SnapshotAnswer;
  beforeEach(async () => {
    shop = await startShop();
  });
  const files = async (query: string, id = snapshot.id) =>
    await shop.send<Listing>("GET", `${backupPath}/snapshots/${id}/files?${query}`);

  test("are listed folder by folder, from memory after the first look", async () => {
    snapshot = await backUp(shop);
    const root = await files("");
    expect(root.body.path).toBe("/");
    expect(root.body.entries.map(({ name }) => name)).toContain("tmp");
    // The repository is not needed any more: a snapshot never changes.
    rmSync(join(shop.folder, "repository"), { recursive: true });
    const { status, body } = await files(`path=${shop.data}`);
    expect(status).toBe(200);
    expect(body.entries.map(({ name, type, size }) => [name, type, size])).toEqual([
      ["empty", "file", 0],
      ["link", "symlink", 0],
      ["notes", "dir", 0],
      ["orders", "dir", 0],
    ]);
    expect(body.entries[0]).toMatchObject({ path: join(shop.data, "empty"), mode: "0644", mtime: expect.any(String) });
    expect(body.total).toBe(4);
    const nested = await files(`path=${shop.data}/orders//2026/`);
    expect(nested.body.entries.map(({ name }) => name)).toEqual(["first.csv", "second.csv"]);
    const unknown = await files(`path=${shop.data}/nowhere`);
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_RESTORE_NO_MATCH" }]);
    const file = await files(`path=${shop.data}/empty`);
    expect([file.status, file.body]).toMatchObject([422, { code: "HF_SNAPSHOT_NOT_FOLDER" }]);
    const outside = await files(`path=${shop.data}/../x`);
    expect([outside.status, outside.body]).toMatchObject([422, { code: "HF_RESTORE_PATH_REFUSED" }]);
  });

  test("are listed in pages, also of a folder too large to be kept", async () => {
    const count = 20_500;
    for (let index = 0; index < count; index++) write(join(shop.data, `many/${index}`), "");
    snapshot = await backUp(shop);
    const names: string[] = [];
    for (let cursor: string | null = "0"; cursor !== null;) {
      const page: Listing = (await files(`path=${shop.data}/many&limit=5000&cursor=${cursor}`)).body;
      expect(page.total).toBe(count);
      names.push(...page.entries.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    expect(new Set(names).size).toBe(count);
    expect(names).toHaveLength(count);
    // The other folders of so large a snapshot are read one by one.
    expect((await files(`path=${shop.data}/orders`)).body.entries.map(({ name }) => name)).toEqual(["2026"]);
    const unknown = await files(`path=${shop.data}/nowhere`);
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_RESTORE_NO_MATCH" }]);
    const file = await files(`path=${shop.data}/empty`);
    expect([file.status, file.body]).toMatchObject([422, { code: "HF_SNAPSHOT_NOT_FOLDER" }]);
  });

  test("are not to be had of a snapshot that is gone, or not there yet", async () => {
    snapshot = await backUp(shop);
    await files("");
    await markForgotten(
      shop.holdfast.state,
      destinationName("disk"),
      [snapshotId(snapshot.restic_snapshot_id ?? "")],
      "2026-01-01T00:00:00.000Z",
    );
    const gone = await files("");
    expect([gone.status, gone.body]).toMatchObject([410, { code: "HF_SNAPSHOT_FORGOTTEN" }]);
    const path = `${backupPath}/configurations/${shop.configuration}/backup`;
    const { snapshot_id: waiting } = (await shop.send<{ snapshot_id: string }>("POST", path)).body;
    const early = await files("", waiting);
    expect([early.status, early.body]).toMatchObject([409, { code: "HF_SNAPSHOT_NOT_STORED" }]);
    const unknown = await files("", randomUUID());
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_SNAPSHOT_UNKNOWN" }]);
  });

  test("say why when the repository is not there", async () => {
    snapshot = await backUp(shop);
    rmSync(join(shop.folder, "repository"), { recursive: true });
    const { status, body } = await files("");
    expect([status, body]).toMatchObject([404, { code: "HF_REPOSITORY_MISSING" }]);
  });
});

test("a person pins, and accepts what is suspect", async () => {
  const shop = await startShop();
  const first = await backUp(shop);
  for (const name of ["orders", "notes"]) rmSync(join(shop.data, name), { recursive: true });
  const second = await backUp(shop);
  expect([first["verdict"], second["verdict"]]).toEqual(["good", "suspect"]);
  const act = async (id: string, verb: string, body?: object) =>
    (
      await shop.send<SnapshotAnswer>(
        "POST",
        `${backupPath}/snapshots/${id}/${verb}`,
        body === undefined ? {} : { body },
      )
    ).body;
  expect((await act(second.id, "accept"))["verdict"]).toBe("good");
  expect((await act(first.id, "pin", { pinned: true }))["pinned"]).toBe(true);
  const read = async (id: string) => (await shop.send<SnapshotAnswer>("GET", `${backupPath}/snapshots/${id}`)).body;
  expect(await read(second.id)).toMatchObject({ verdict: "good", pinned: false });
  expect(await read(first.id)).toMatchObject({ verdict: "good", pinned: true });
  expect((await act(first.id, "pin", { pinned: false }))["pinned"]).toBe(false);
});
