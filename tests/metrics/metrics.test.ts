import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { healthRoutes } from "../../src/api/routes/health.ts";
import { backup } from "../../src/operations/backup/backup.ts";
import { families } from "../../src/operations/metrics/families.ts";
import { startApi, type Api } from "../api/support/start-api.ts";
import { binaries } from "../support/binaries.ts";
import { describeNeeding } from "../support/needs.ts";
import { dumped, hour, keptUp, stored } from "./filled.ts";
import { promtool, samplesIn, type Sample } from "./promtool.ts";

const caller = { signal: new AbortController().signal, listen: () => undefined };

const config = (folder: string): string => `
destinations:
  nas: { type: local, path: ${join(folder, "nas")} }
  usb: { type: local, path: ${join(folder, "usb")} }
policies:
  default: { schedule: "0 2 * * *" }
  weekly: { schedule: "0 3 * * 0", destinations: [nas] }
apps:
  immich: { paths: [${join(folder, "files")}] }
  paperless: { paths: [${join(folder, "files")}], databases: [{ type: sqlite, path: ${join(folder, "db.sqlite")} }] }
  hooked: { paths: [${join(folder, "files")}], policy: weekly, hooks: { before: ["true"] } }
notifications:
  phone: { type: webhook, url: "https://example.com/hook" }
`;

async function scraped(api: Api): Promise<Sample[]> {
  const answer = await api.send("GET", "/metrics", { as: "read" });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return samplesIn(answer.text);
}

const valueOf = (samples: Sample[], name: string, labels: Record<string, string> = {}): number | undefined =>
  samples.find((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    ?.value;

describe("/metrics", () => {
  it("tells of a real backup when, how long, how much and how it ended", async () => {
    const environment = { HOLDFAST_RESTIC: binaries.restic.sid };
    const api = await startApi({ config, environment, routes: healthRoutes });
    mkdirSync(join(api.folder, "files"));
    writeFileSync(join(api.folder, "files", "photo.jpg"), "x".repeat(5000));
    const begun = Date.now() / 1000;
    await backup(
      api.holdfast,
      { apps: ["immich", "hooked"], requestedBy: "person", dryRun: false, wait: true, retain: true, initialise: false },
      caller,
    );
    const samples = await scraped(api);
    const there = { app: "immich", destination: "nas" };
    expect(valueOf(samples, "holdfast_backup_last_success_timestamp_seconds", there)).toBeGreaterThanOrEqual(
      Math.floor(begun),
    );
    expect(valueOf(samples, "holdfast_backup_age_seconds", there)).toBeLessThan(120);
    expect(valueOf(samples, "holdfast_backup_last_run_success", there)).toBe(1);
    expect(valueOf(samples, "holdfast_backup_duration_seconds", there)).toBeGreaterThan(0);
    expect(valueOf(samples, "holdfast_backup_files", there)).toBeGreaterThanOrEqual(1);
    expect(valueOf(samples, "holdfast_backup_bytes", there)).toBeGreaterThanOrEqual(5000);
    expect(valueOf(samples, "holdfast_snapshots", there)).toBe(1);
    expect(valueOf(samples, "holdfast_app_last_run_result", { app: "immich", result: "success" })).toBe(1);
    expect(valueOf(samples, "holdfast_app_downtime_seconds", { app: "immich" })).toBe(0);
    expect(valueOf(samples, "holdfast_app_downtime_seconds", { app: "hooked" })).toBeUndefined();
    expect(valueOf(samples, "holdfast_app_next_run_timestamp_seconds", { app: "immich" })).toBeGreaterThan(begun);
    expect(
      valueOf(samples, "holdfast_destination_last_retain_timestamp_seconds", { destination: "nas" }),
    ).toBeGreaterThan(begun);
    expect(valueOf(samples, "holdfast_runs", { kind: "backup", state: "running" })).toBe(0);
    expect(valueOf(samples, "holdfast_restic_processes")).toBe(0);
    // Never stored: a series that says so.
    expect(valueOf(samples, "holdfast_snapshots", { app: "paperless", destination: "usb" })).toBe(0);
    expect(valueOf(samples, "holdfast_snapshots", { app: "hooked", destination: "usb" })).toBeUndefined();
  });

  it("wants a token that may read, unless open_metrics is set", async () => {
    const closed = await startApi({ config: "", routes: healthRoutes });
    expect((await closed.send("GET", "/metrics", { as: null })).status).toBe(401);
    const open = await startApi({ config: "daemon: { open_metrics: true }", routes: healthRoutes });
    expect((await open.send("GET", "/metrics", { as: null })).status).toBe(200);
  });

  it("has no age and no last result for what is no longer to be stored there", async () => {
    const api = await startApi({ config, routes: healthRoutes });
    await stored(api.holdfast, { app: "hooked", destination: "usb", at: new Date(Date.now() - 900 * hour) });
    await stored(api.holdfast, { app: "gone", destination: "nas", at: new Date(), failed: true });
    await dumped(api.holdfast, "immich", "removed.sqlite", new Date(0));
    const samples = await scraped(api);
    expect(valueOf(samples, "holdfast_snapshots", { app: "hooked", destination: "usb" })).toBe(1);
    expect(valueOf(samples, "holdfast_backup_age_seconds", { app: "hooked" })).toBeUndefined();
    expect(samples.filter(({ labels }) => labels["app"] === "gone")).toEqual([]);
    expect(valueOf(samples, "holdfast_dump_bytes", { app: "immich" })).toBeUndefined();
  });

  it("escapes names, whatever a repository may have brought", async () => {
    const api = await startApi({ config, routes: healthRoutes });
    const app = 'we"ird\\ \n{app="immich"} 1';
    await stored(api.holdfast, { app, destination: "nas", at: new Date() });
    const samples = await scraped(api);
    expect(valueOf(samples, "holdfast_snapshots", { app })).toBe(1);
  });

  it("answers for 1,000 apps in two destinations, each with its own series", async () => {
    const apps = Array.from({ length: 1000 }, (_, index) => `  app${index}: { paths: [/srv/app${index}] }`);
    const api = await startApi({
      routes: healthRoutes,
      config: (folder) => `
destinations: { nas: { type: local, path: ${folder}/nas }, usb: { type: local, path: ${folder}/usb } }
apps:
${apps.join("\n")}
`,
    });
    await fill(api);
    await scraped(api);
    const samples = await scraped(api);
    expect(samples.filter(({ name }) => name === "holdfast_snapshots")).toHaveLength(2000);
    expect(samples.filter(({ name }) => name === "holdfast_app_next_run_timestamp_seconds").length).toBeGreaterThan(
      999,
    );
    expect(valueOf(samples, "holdfast_snapshots", { app: "app999", destination: "usb" })).toBe(10);
  });
});

async function fill({ holdfast }: Api): Promise<void> {
  const { state } = holdfast;
  const summary = JSON.stringify({ filesProcessed: 10, bytesProcessed: 4096, dataAddedPacked: 1 });
  const now = Date.now();
  await state.transaction().execute(async (transaction) => {
    for (let app = 0; app < 1000; app++) {
      const rows = ["nas", "usb"].flatMap((destination) =>
        Array.from({ length: 10 }, (_, night) => {
          const at = new Date(now - night * 24 * hour - app * 1000).toISOString();
          const id = `${app}-${destination}-${night}`;
          return {
            ...{ id, run_id: id, app: `app${app}`, destination, status: "success", verdict: "good", restic_id: id },
            ...{ time: at, host: "box", paths: '["/srv"]', tags: '["holdfast"]', parts: "[]", pinned: 0, summary },
            ...{ started_at: at, completed_at: at, duration_ms: 100 },
          };
        }),
      );
      await transaction.insertInto("snapshots").values(rows).execute();
    }
  });
}

describeNeeding("promtool")("the metrics, to Prometheus' own tool", () => {
  async function full(): Promise<string> {
    const api = await startApi({ config, routes: healthRoutes });
    const at = new Date(Date.now() - hour);
    for (const destination of ["nas", "usb"]) {
      for (const app of ["immich", "paperless"]) await stored(api.holdfast, { app, destination, at });
      await keptUp(api.holdfast, destination, at);
    }
    await dumped(api.holdfast, "paperless", "db.sqlite", at);
    await api.holdfast.state
      .insertInto("alerts")
      .values({ id: "1", kind: "stale", subject: "immich", raised_at: at.toISOString(), problem: "{}" })
      .execute();
    await api.holdfast.state
      .insertInto("runs")
      .values({
        ...{ id: "1", kind: "backup", app: "immich", state: "success", requested_by: "schedule", dry_run: 0 },
        ...{ queued_at: at.toISOString(), started_at: at.toISOString(), finished_at: at.toISOString() },
        ...{ heartbeat_at: at.toISOString(), problems: "[]", attempt: 1, destinations: "[]", wave: 0 },
      })
      .execute();
    const answer = await api.send("GET", "/metrics", { as: "read" });
    expect(answer.status, answer.text).toBe(200);
    return answer.text;
  }

  it("are well formed and follow its conventions", async () => {
    expect(promtool(["check", "metrics"], await full())).toBe("");
  });

  it("are all told, and all in docs/monitoring.md", async () => {
    const text = await full();
    const told = [...new Set(samplesIn(text).map(({ name }) => name))].sort();
    expect(told).toEqual(Object.keys(families).sort());
    const page = readFileSync("docs/monitoring.md", "utf8");
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ([^|]*) \| ([^|]*) \|$/gm)].map(([, name, labels, help]) => [
      name,
      labels?.trim(),
      help?.trim(),
    ]);
    expect(rows).toEqual(
      Object.entries(families).map(([name, family]) => [
        name,
        family.labels.map((label) => `\`${label}\``).join(", "),
        family.help,
      ]),
    );
  });
});
