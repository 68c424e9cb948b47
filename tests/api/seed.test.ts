import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { testFolder } from "../support/folders.ts";
import { startDaemon, type Daemon } from "../support/daemon.ts";
import { write } from "./support/backups.ts";
import { readEvents, type EventReader, type Told } from "./support/event-reader.ts";

/*
 * The API reference of the seed (001), its example requests with ids and folders put in, in the order of the story that
 * they tell, against the daemon that people run.
 */

const root = "/api/v1/backup";

interface Started {
  daemon: Daemon;
  folder: string;
  home: string;
  restart(): Promise<Daemon>;
}

async function start(config: (folder: string) => string): Promise<Started> {
  const folder = testFolder();
  const home = join(folder, "home");
  mkdirSync(home);
  writeFileSync(join(folder, "holdfast.yaml"), config(folder));
  const options = { home, cwd: folder };
  const daemon = await startDaemon(options);
  const { token } = daemon;
  return { daemon, folder, home, restart: async () => await startDaemon(options, { token }) };
}

interface Snapshot {
  id: string;
  status: string;
  [field: string]: unknown;
}

/** What a UI does: asks until it is over. */
async function whenDone(daemon: Daemon, query: string): Promise<Snapshot> {
  return await vi.waitFor(
    async () => {
      const { snapshots } = await daemon.ask<{ snapshots: Snapshot[] }>("GET", `${root}/snapshots?${query}`);
      const [first] = snapshots;
      if (first === undefined || first.status === "in_progress") throw new Error("it is still in progress");
      return first;
    },
    { timeout: 60_000, interval: 100 },
  );
}

interface Named {
  id: string;
  name: string;
}

async function only(daemon: Daemon, list: string, name?: string): Promise<Named> {
  const all = await daemon.ask<Record<string, Named[]>>("GET", `${root}/${list}`);
  const found = all[list]?.find((one) => name === undefined || one.name === name);
  if (found === undefined) throw new Error(`no ${list}: ${JSON.stringify(all)}`);
  return found;
}

test("the seed's requests give the seed's answers, from the first destination to a restored file", async () => {
  const { daemon, folder } = await start((there) => `apps: { library: { paths: [${join(there, "library")}] } }`);
  write(join(folder, "library/path/to/file1"), "first\n");
  write(join(folder, "library/path/to/file2"), "second\n");
  for (const name of ["large", "twin"]) write(join(folder, "library", name), Buffer.alloc(3_000_000, 7));
  write(join(folder, "library/.env"), "SECRET=1\n");
  const device = await only(daemon, "devices");

  // Add Local Destination
  const destination = await daemon.ask<Record<string, unknown>>(
    "POST",
    `${root}/destinations/local`,
    { name: "NAS Backups", device_id: device.id, path: join(folder, "mnt/nfs/backups") },
    201,
  );
  expect(destination).toMatchObject({
    id: expect.any(String),
    name: "NAS Backups",
    type: "local",
    repo_initialized: expect.any(Boolean),
  });

  // Create Policy
  const policy = await daemon.ask<Record<string, unknown>>(
    "POST",
    `${root}/policies`,
    {
      name: "Daily Backups",
      schedule: "0 2 * * *",
      keep_daily: 7,
      keep_weekly: 4,
      keep_monthly: 6,
      destination_ids: [destination["id"]],
    },
    201,
  );
  expect(policy).toMatchObject({ keep_daily: 7, keep_weekly: 4, keep_monthly: 6, schedule: "0 2 * * *" });

  // Enable Backup for App
  const app = await only(daemon, "apps", "library");
  const { status: configured, body: configuration } = await daemon.api<Record<string, unknown>>(
    "POST",
    `${root}/configurations`,
    { app_id: app.id, policy_id: policy["id"], backup_volumes: true, backup_compose: true, backup_env: false },
  );
  expect(configured, JSON.stringify(configuration)).toBeLessThan(300);
  expect(configuration).toMatchObject({ app_id: app.id, policy_id: policy["id"], backup_env: false });

  // Trigger Immediate Backup
  const begun = await daemon.ask<Record<string, unknown>>(
    "POST",
    `${root}/configurations/${String(configuration["id"])}/backup`,
    undefined,
    202,
  );
  expect(begun).toMatchObject({ snapshot_id: expect.any(String), status: "in_progress", run_id: expect.any(String) });

  // List Snapshots
  const snapshot = await whenDone(daemon, `app_id=${app.id}`);
  expect(snapshot).toMatchObject({
    id: begun["snapshot_id"],
    restic_snapshot_id: expect.stringMatching(/^[0-9a-f]{64}$/),
    status: "success",
    data_added: expect.any(Number),
    total_size: expect.any(Number),
    duration: expect.any(Number),
    configuration_id: configuration["id"],
    destination_id: destination["id"],
    hostname: device.name,
    paths: expect.arrayContaining([join(folder, "library")]),
    files_new: expect.any(Number),
    files_changed: 0,
    files_unmodified: 0,
    started_at: expect.any(String),
    completed_at: expect.any(String),
    created_at: expect.any(String),
  });
  expect(snapshot["total_size"]).toBeGreaterThan(6_000_000);
  // Two files of the same content: the repository holds it once.
  expect(snapshot["data_added"]).toBeLessThan(4_000_000);
  const { entries } = await daemon.ask<{ entries: { name: string }[] }>(
    "GET",
    `${root}/snapshots/${snapshot.id}/files?path=${join(folder, "library")}`,
  );
  expect(entries.map(({ name }) => name)).toEqual(["large", "path", "twin"]);

  // Restore Snapshot
  const target = join(folder, "tmp/restore");
  const restored = await daemon.ask<Record<string, unknown>>("POST", `${root}/snapshots/${snapshot.id}/restore`, {
    target_device_id: device.id,
    target_path: target,
    files: ["path/to/file1", "path/to/file2"],
  });
  expect(restored).toMatchObject({
    success: true,
    message: "Restore completed successfully",
    restored_path: target,
    verified: true,
    files: 2,
  });
  expect(readFileSync(join(target, folder, "library/path/to/file1"), "utf8")).toBe("first\n");
  expect(readFileSync(join(target, folder, "library/path/to/file2"), "utf8")).toBe("second\n");
  expect(existsSync(join(target, folder, "library/large"))).toBe(false);

  const ended = await daemon.stop();
  expect([ended.code, ended.signal]).toEqual([0, null]);
});

const homelab = (hooks: string) => (folder: string) =>
  [
    `destinations: { disk: { type: local, path: ${join(folder, "repository")} } }`,
    `policies: { default: { schedule: "0 2 * * *", destinations: [disk] } }`,
    `apps: { shop: { paths: [${join(folder, "data")}]${hooks} } }`,
    "daemon: { grace: 30s }",
  ].join("\n");

const waiting = (folder: string): string =>
  `, hooks: { before: ["touch ${folder}/held; while [ ! -e ${folder}/go ]; do sleep 0.05; done"], after: ["touch ${folder}/released"] }`;

async function configurationOf(daemon: Daemon): Promise<string> {
  const all = await daemon.ask<{ configurations: { id: string; app: string }[] }>("GET", `${root}/configurations`);
  const found = all.configurations.find(({ app }) => app === "shop");
  if (found === undefined) throw new Error(JSON.stringify(all));
  return found.id;
}

async function beginHeld({ daemon, folder }: Started): Promise<{ run_id: string; snapshot_id: string }> {
  write(join(folder, "data/file"), "content\n");
  const path = `${root}/configurations/${await configurationOf(daemon)}/backup`;
  const begun = await daemon.ask<{ run_id: string; snapshot_id: string }>("POST", path, undefined, 202);
  await vi.waitFor(() => expect(existsSync(join(folder, "held"))).toBe(true), { timeout: 20_000, interval: 50 });
  return begun;
}

async function events({ url, token }: Daemon, query: string, last?: string): Promise<EventReader> {
  const resume = last === undefined ? {} : { "last-event-id": last };
  return await readEvents(`${url}${root}/events${query}`, { authorization: `Bearer ${token}`, ...resume });
}

const ids = (told: Told[]): number[] => told.flatMap(({ id }) => (id === undefined ? [] : [id]));
const typesOf = (told: Told[]): unknown[] => told.filter(({ id }) => id !== undefined).map(({ data }) => data["type"]);

test("a run that is cancelled midway ends cancelled, and what it had stopped is started", async () => {
  const started = await start((folder) => homelab(waiting(folder))(folder));
  const { daemon, folder } = started;
  const begun = await beginHeld(started);
  const reader = await events(daemon, `?run_id=${begun.run_id}`);
  const { status } = await daemon.api("POST", `${root}/runs/${begun.run_id}/cancel`);
  expect(status).toBe(202);
  await reader.until((told) => typesOf(told).includes("finished"));
  expect(reader.told.at(-1)?.data["outcome"]).toBe("cancelled");
  reader.cut();
  expect(existsSync(join(folder, "released"))).toBe(true);
  const run = await daemon.ask<{ state: string; problems: { code: string }[] }>("GET", `${root}/runs/${begun.run_id}`);
  expect(run).toMatchObject({ state: "cancelled", problems: [{ code: "HF_CANCELLED" }] });
  const snapshot = await daemon.ask<Snapshot>("GET", `${root}/snapshots/${begun.snapshot_id}`);
  expect(snapshot).toMatchObject({ status: "failed", error_message: "Cancelled." });
  const again = await daemon.api("POST", `${root}/runs/${begun.run_id}/cancel`);
  expect([again.status, again.body]).toMatchObject([409, { code: "HF_RUN_ENDED" }]);
  const unknown = await daemon.api("POST", `${root}/runs/${randomUUID()}/cancel`);
  expect(unknown.status).toBe(404);
  await daemon.stop();
});

test("whoever follows a run hears its end from the next daemon, when the first one was killed", async () => {
  const started = await start((folder) => homelab(waiting(folder))(folder));
  const { daemon } = started;
  const begun = await beginHeld(started);
  const first = await events(daemon, "?after=0");
  await first.until((told) => typesOf(told).includes("step-started"));
  await daemon.kill();
  await first.closed;
  write(join(started.folder, "go"), "");
  const next = await started.restart();
  const second = await events(next, "", String(ids(first.told).at(-1)));
  const ofRun = (told: Told[]): Told[] => told.filter(({ data }) => data["run_id"] === begun.run_id);
  await second.until((told) => typesOf(ofRun(told)).includes("finished"));
  second.cut();
  expect(ofRun(second.told).at(-1)?.data).toMatchObject({ type: "finished", outcome: "failed" });
  const all = await events(next, "?after=0");
  const heard = [...ids(first.told), ...ids(second.told)];
  await all.until((told) => ids(told).length >= heard.length);
  expect(heard).toEqual(ids(all.told).slice(0, heard.length));
  expect(new Set(heard).size).toBe(heard.length);
  all.cut();
  await next.stop();
});

test("a daemon that stops ends the streams of events at once", async () => {
  const started = await start(homelab(""));
  const { daemon } = started;
  const reader = await events(daemon, "");
  const before = performance.now();
  const ended = await daemon.stop();
  await reader.closed;
  expect([ended.code, ended.signal]).toEqual([0, null]);
  // Without runs nothing of the grace period is waited for.
  expect(performance.now() - before).toBeLessThan(10_000);
});
