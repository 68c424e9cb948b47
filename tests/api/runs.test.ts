import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { idOf } from "../../src/domain/ids.ts";
import { problem } from "../../src/base/errors/error.ts";
import { claimRun, finishRun, type RunRecord } from "../../src/state/queries/runs.ts";
import { backUp, backupPath, startShop, type Shop } from "./support/backups.ts";

interface RunAnswer {
  id: string;
  [field: string]: unknown;
}

interface Page {
  runs: RunAnswer[];
  next_cursor: string | null;
}

let shop: Shop;
beforeEach(async () => {
  shop = await startShop();
});

const begin = async (app: string, index: number, more: { kind?: RunRecord["kind"]; destination?: string } = {}) =>
  (
    await claimRun(shop.holdfast.state, {
      kind: "backup",
      app,
      destinations: [],
      requestedBy: "person",
      dryRun: false,
      owner: shop.holdfast.owner,
      now: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
      ...more,
    })
  ).run;

test("a run tells what it is, what happened and when", async () => {
  const snapshot = await backUp(shop);
  const { status, body } = await shop.send<RunAnswer>("GET", `${backupPath}/runs/${String(snapshot["run_id"])}`);
  expect([status, body]).toMatchObject([
    200,
    {
      id: snapshot["run_id"],
      kind: "backup",
      state: "success",
      app: "shop",
      app_id: idOf("app", "shop"),
      destinations: ["disk"],
      requested_by: "person",
      dry_run: false,
      attempt: 1,
      progress: null,
      problems: [],
      duration: expect.any(Number),
    },
  ]);
  const events = body["events"] as { type: string; text: string; id: number }[];
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["queued", "started", "finished"]));
  expect(events.map(({ text }) => text)).toContain("store disk: begun");

  const log = await shop.send("GET", `${backupPath}/runs/${String(snapshot["run_id"])}/logs`);
  expect(log.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  const lines = log.text.trimEnd().split("\n");
  expect(lines).toHaveLength(events.length);
  for (const [index, line] of lines.entries()) {
    expect(line).toMatch(/^2\d{3}-\d\d-\d\dT[\d:.]+Z ./);
    expect(line.slice(line.indexOf(" ") + 1)).toBe(events[index]?.text);
  }
  expect(lines.at(-1)).toMatch(/finished: success after [\d.]+ s$/);
});

test("a failed run says why and what to do, in its log too", async () => {
  rmSync(join(shop.data), { recursive: true });
  await expect(backUp(shop)).rejects.toThrow(/"status":"failed"/);
  const { runs } = (await shop.send<Page>("GET", `${backupPath}/runs?state=failed`)).body;
  expect(runs).toHaveLength(1);
  expect(runs[0]?.["problems"]).toContainEqual({
    code: "HF_PATH_MISSING",
    message: `${shop.data} of shop does not exist.`,
    hint: expect.any(String),
  });
  const log = await shop.send("GET", `${backupPath}/runs/${runs[0]?.id ?? ""}/logs`);
  expect(log.text).toContain(`HF_PATH_MISSING: ${shop.data} of shop does not exist.`);
});

test("a bug's place in the program is not told", async () => {
  const run = await begin("shop", 0);
  const detail = "Error: it broke\n    at secret (/opt/holdfast/secret.ts:1:1)";
  const found = problem("HF_INTERNAL", { detail });
  await finishRun(shop.holdfast.state, run.id, "failed", [found], new Date().toISOString());
  const { text } = await shop.send("GET", `${backupPath}/runs/${run.id}`);
  expect(text).toContain("it broke");
  expect(text).not.toContain("secret.ts");
});

test("the list gives every run once, newest first, and filters", async () => {
  const runs: RunRecord[] = [];
  for (let index = 0; index < 40; index++) {
    const run = await begin(
      index % 2 === 0 ? "shop" : "other",
      // Several of one moment.
      Math.floor(index / 3),
      index % 4 === 0 ? { kind: "restore", destination: "disk" } : {},
    );
    await finishRun(shop.holdfast.state, run.id, index % 5 === 0 ? "failed" : "success", [], new Date().toISOString());
    runs.push(run);
  }
  const all = async (query: string): Promise<string[]> => {
    const found: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await shop.send<Page>("GET", `${backupPath}/runs?limit=7${query}${next}`);
      found.push(...body.runs.map(({ id }) => id));
      cursor = body.next_cursor;
    }
    return found;
  };
  const sorted = runs.toSorted(
    (one, other) => other.queuedAt.localeCompare(one.queuedAt) || other.id.localeCompare(one.id),
  );
  const only = (wanted: (run: RunRecord, index: number) => boolean): string[] =>
    sorted.filter((run) => wanted(run, runs.indexOf(run))).map(({ id }) => id);
  expect(await all("")).toEqual(only(() => true));
  expect(await all(`&app_id=${idOf("app", "shop")}`)).toEqual(only((_, index) => index % 2 === 0));
  expect(await all("&kind=restore")).toEqual(only((_, index) => index % 4 === 0));
  expect(await all(`&destination_id=${idOf("destination", "disk")}`)).toEqual(only((_, index) => index % 4 === 0));
  expect(await all("&state=failed")).toEqual(only((_, index) => index % 5 === 0));
  const [from, to] = ["2026-01-01T00:03:00Z", "2026-01-01T01:06:00+01:00"];
  expect(await all(`&from=${from}&to=${encodeURIComponent(to)}`)).toEqual(
    only((_, index) => Math.floor(index / 3) >= 3 && Math.floor(index / 3) < 6),
  );
  expect(await all(`&app_id=${randomUUID()}`)).toEqual([]);
});

test("a run is cancelled where it runs, once", async () => {
  const run = await begin("shop", 0);
  const path = `${backupPath}/runs/${run.id}/cancel`;
  const asked = await shop.send<RunAnswer>("POST", path);
  expect([asked.status, asked.body]).toMatchObject([202, { id: run.id, state: "running" }]);
  expect(shop.told.cancelled).toEqual([run.id]);
  expect((await shop.send("POST", path, { as: "read" })).status).toBe(403);
  const unknown = await shop.send("POST", `${backupPath}/runs/${randomUUID()}/cancel`);
  expect([unknown.status, unknown.body]).toMatchObject([404, { code: "HF_RUN_UNKNOWN" }]);
});
