import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as tick } from "node:timers/promises";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import { secretResolver } from "../../src/operations/context/secrets.ts";
import { openHoldfast, type Holdfast } from "../../src/operations/context/holdfast.ts";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RecoverReport } from "../../src/operations/recover/recover.ts";
import type { StatusReport } from "../../src/operations/status/status.ts";
import { insertDeclaration } from "../../src/state/queries/declarations.ts";
import { keepSealed } from "../../src/state/queries/secrets.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { describeNeeding } from "../support/needs.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { declareOne, opened } from "./keys.ts";

const at = "2026-11-20T00:00:00.000Z";

describe("Holdfast's own backup", () => {
  it("takes part by name, and by itself once a daemon has worked on the state", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "repository") } });
    const named = async (args: string[]): Promise<string[]> =>
      (await lab.json<BackupReport>(["backup", ...args])).apps.map(({ app }) => app);
    expect(await named([])).toEqual(["app"]);
    expect(await named(["holdfast-database", "holdfast-config"])).toEqual(["holdfast-database", "holdfast-config"]);
    await asDaemon(lab);
    expect(await named([])).toEqual(["app", "holdfast-config", "holdfast-database"]);
    const { apps } = await lab.json<StatusReport>(["status"]);
    expect(apps.map(({ app, declared, late }) => [app, declared, late])).toEqual([
      ["app", true, false],
      ["holdfast-config", true, false],
      ["holdfast-database", true, false],
    ]);
  });

  it("is dumped whole while others write, and never put in place under Holdfast's feet", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "repository") } });
    await lab.json(["backup"]);
    const holdfast = await opened(lab);
    let writing = true;
    const writer = (async () => {
      for (let note = 0; writing; note += 1) {
        await holdfast.state
          .insertInto("notes")
          .values({ key: `note ${note}`, value: "value" })
          .execute();
        // Everybody else's turn: the driver itself never waits.
        await tick();
      }
    })();
    try {
      await lab.json(["backup", "holdfast-database"]);
    } finally {
      writing = false;
      await writer;
    }
    const target = join(lab.folder, "restored");
    await lab.json(["restore", "holdfast-database", "--target", target]);
    expect(existsSync(join(target, lab.home, "state.db"))).toBe(true);
    const refused = await lab.run(["restore", "holdfast-database", "--in-place", "--yes"]);
    expect([refused.code, refused.stderr.includes("holdfast recover")]).toEqual([2, true]);
  });

  it("has names of its own, of which only how they are backed up can be declared", async () => {
    const lab = homelab();
    const near = { type: "local", path: join(lab.folder, "repository") };
    const foreign = { "holdfast-database": { paths: [lab.folder] } };
    lab.declare({ destinations: { near }, apps: foreign });
    const checked = await lab.run(["config", "check"]);
    expect(checked.code).toBe(2);
    expect(checked.stdout).toContain("Holdfast's own backup");
    lab.declare({
      destinations: { near },
      policies: { often: {} },
      apps: { "holdfast-database": { policy: "often" } },
    });
    expect((await lab.run(["config", "check"])).code).toBe(0);
    const report = await lab.json<BackupReport>(["backup"]);
    expect(report.apps.map(({ app }) => app)).toEqual(["holdfast-config", "holdfast-database"]);
  });
});

describe("on an empty machine", () => {
  it("the kit brings back configuration, state, and what only the API had declared", async () => {
    const lab = homelab();
    const near = join(lab.folder, "near");
    const data = declareOne(lab, { near: { type: "local", path: near } });
    writeFileSync(join(lab.folder, ".env"), "SOME_VARIABLE=value\n");
    const before = await asDaemon(lab);
    await declareByApi(before, join(lab.folder, "added"));
    await lab.json(["backup", "app"]);
    const rows = await countsOf(before);
    await runningRun(before);
    await lab.json(["backup", "holdfast-database", "holdfast-config"]);
    const kit = await writtenKit(lab);
    // A night later: the state's dump does not know of it.
    writeFileSync(join(data, "file"), "newer");
    await lab.json(["backup", "app"]);

    await lose(lab, before);
    const report = await lab.json<RecoverReport>(["recover", "--from-kit", kit]);
    expect(report).toMatchObject({ outcome: "success", problems: [] });
    expect(report.system?.files.sort()).toEqual([join(lab.folder, ".env"), join(lab.folder, "holdfast.yaml")]);
    expect(report.destinations.map(({ destination, problems }) => [destination, problems])).toEqual([
      ["added", []],
      ["near", []],
    ]);
    const after = await opened(lab);
    await expectBack(after);
    const now = await countsOf(after);
    expect(now["users"]).toBe(rows["users"]);
    // The run of the night after is known from its snapshots alone.
    expect(now["snapshots"]).toBeGreaterThan(rows["snapshots"] ?? 0);
    const open = await sql<{ n: number }>`select count(*) as n from runs where finished_at is null`.execute(
      after.state,
    );
    expect(open.rows[0]?.n).toBe(0);
    // Life goes on everywhere, and Holdfast still backs itself up.
    const { apps } = await lab.json<BackupReport>(["backup"]);
    expect(apps.map(({ app, stores }) => [app, stores.map(({ status }) => status)])).toEqual(
      ["app", "holdfast-config", "holdfast-database"].map((app) => [app, ["success", "success"]]),
    );
  });

  it("what a rotated key no longer opens is named, and the kit's passwords stand in for the state's", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "near") } });
    const before = await asDaemon(lab);
    await declareByApi(before, join(lab.folder, "added"));
    await lab.json(["backup"]);
    await lab.json(["keys", "rotate"]);
    const kit = await writtenKit(lab);
    await lose(lab, before);
    const report = await lab.json<RecoverReport>(["recover", "--from-kit", kit], 3);
    expect(report.problems).toMatchObject([{ code: "HF_RECOVER_SECRETS", params: { names: "notification:x" } }]);
    expect(report.destinations.flatMap(({ problems }) => problems)).toEqual([]);
    await lab.json(["backup"]);
  });

  it("nothing that is there is overwritten", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "near") } });
    const before = await asDaemon(lab);
    await lab.json(["backup"]);
    const kit = await writtenKit(lab);
    await lose(lab, before);
    const own = { destinations: { near: { type: "local", path: join(lab.folder, "near") } }, apps: {} };
    lab.declare(own);
    const text = readFileSync(join(lab.folder, "holdfast.yaml"), "utf8");
    const started = await asDaemon(lab);
    await addUser(started, "new");
    const report = await lab.json<RecoverReport>(["recover", "--from-kit", kit]);
    expect(report.system).toEqual({ files: [], stateKept: true });
    expect(readFileSync(join(lab.folder, "holdfast.yaml"), "utf8")).toBe(text);
    const users = await started.state.selectFrom("users").select("name").execute();
    expect(users).toEqual([{ name: "new" }]);
    expect(report.destinations[0]?.snapshots).toBeGreaterThan(0);
  });

  it("destinations that the API made come back from the kit alone", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "near") } });
    const before = await opened(lab);
    await declareByApi(before, join(lab.folder, "added"));
    await lab.json(["backup"]);
    const kit = await writtenKit(lab);
    rmSync(lab.home, { recursive: true });
    const report = await lab.json<RecoverReport>(["recover", "--from-kit", kit]);
    expect(report.system).toEqual({ files: [], stateKept: false });
    expect(report.destinations.map(({ destination, snapshots }) => [destination, snapshots])).toEqual([
      ["added", 1],
      ["near", 1],
    ]);
    await lab.json(["backup"]);
  });

  it("the kit's key opens a state whose key file was lost", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "near") } });
    await lab.json(["backup"]);
    const kit = await writtenKit(lab);
    rmSync(join(lab.home, "keys"), { recursive: true });
    const lost = await lab.run(["backup"]);
    expect(lost.code).toBe(1);
    expect(lost.stdout + lost.stderr).toContain("recover --from-kit");
    await lab.json(["recover", "--from-kit", kit]);
    await lab.json(["backup"]);
  });

  it("a kit of another version is refused", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "near") } });
    await lab.json(["backup"]);
    const kit = await writtenKit(lab);
    const text = readFileSync(kit, "utf8");
    for (const wrong of [text.replace('"kit": 2', '"kit": 1'), text.replace('"made"', '"mode"'), text.slice(0, -20)]) {
      writeFileSync(kit, wrong);
      expect((await lab.run(["recover", "--from-kit", kit])).code).toBe(2);
    }
  });
});

describeNeeding("postgres")("with the state on PostgreSQL", () => {
  it("the kit brings everything back into an empty database", async () => {
    const lab = homelab();
    const { postgres } = servers();
    const database = `state_${randomBytes(5).toString("hex")}`;
    const create = async (): Promise<void> => void (await psql(postgres, "postgres", `CREATE DATABASE ${database}`));
    const drop = async (): Promise<void> =>
      void (await psql(postgres, "postgres", `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`));
    await create();
    const user = `${postgres.superuser}:${encodeURIComponent(postgres.password)}`;
    const env = { DATABASE_URL: `postgresql://${user}@${postgres.host}:${postgres.port}/${database}` };
    try {
      declareOne(lab, { near: { type: "local", path: join(lab.folder, "near") } });
      const before = await asDaemon(lab, env);
      await declareByApi(before, join(lab.folder, "added"));
      await lab.json(["backup", "app"], 0, { env });
      await lab.json(["backup", "holdfast-database", "holdfast-config"], 0, { env });
      const kit = await writtenKit(lab, env);
      await lose(lab, before);
      await drop();
      await create();
      const report = await lab.json<RecoverReport>(["recover", "--from-kit", kit], 0, { env });
      expect(report).toMatchObject({ outcome: "success", problems: [] });
      const after = await opened(lab, env);
      await expectBack(after);
      // A SQLite state does not take a dump of PostgreSQL, and says so.
      rmSync(lab.home, { recursive: true });
      const refused = await lab.json<RecoverReport>(["recover", "--from-kit", kit], 3, { env: {} });
      expect(refused.problems.map(({ code }) => code)).toEqual(["HF_RECOVER_SYSTEM"]);
      expect(refused.problems[0]?.params["detail"]).toContain("DATABASE_URL");
      const left = await psql(
        postgres,
        "postgres",
        "SELECT datname FROM pg_database WHERE datname LIKE 'holdfast_rec%'",
      );
      expect(JSON.stringify(left)).not.toContain("holdfast_recover");
      await after[Symbol.asyncDispose]();
    } finally {
      await drop();
    }
  });
});

/** What a daemon's first start does to the state. */
async function asDaemon(lab: Homelab, environment: NodeJS.ProcessEnv = {}): Promise<Holdfast> {
  return await openHoldfast({
    environment: { HOLDFAST_HOME: lab.home, ...environment },
    cwd: lab.folder,
    acting: true,
    daemon: true,
  });
}

/** A destination with a secret, as the API keeps it, a user and a token. */
async function declareByApi(holdfast: Holdfast, path: string): Promise<void> {
  const vault = await holdfast.vault();
  const times = { created_at: at, updated_at: at, created_by: "user:anna" };
  const body = JSON.stringify({ type: "local", path });
  await insertDeclaration(holdfast.state, { kind: "destination", name: "added", body, ...times });
  const policy = JSON.stringify({ destinations: ["added", "near"], schedule: "0 3 * * *" });
  await insertDeclaration(holdfast.state, { kind: "policy", name: "nightly", body: policy, ...times });
  await keepSealed(holdfast.state, "notification:x", vault.seal("notification:x", new Secret("a sealed value")), at);
  await addUser(holdfast, "anna");
  const token = { id: "t", name: "ci", hash: "hash", scope: "read", created_by: "user:anna", created_at: at };
  await holdfast.state.insertInto("tokens").values(token).execute();
}

async function addUser(holdfast: Holdfast, name: string): Promise<void> {
  const user = { id: name, name, password_hash: "$argon2id$hash", scope: "admin", created_at: at };
  await holdfast.state.insertInto("users").values(user).execute();
}

/** A run of a process that has just gone with its machine. */
async function runningRun(holdfast: Holdfast): Promise<void> {
  await holdfast.state
    .insertInto("runs")
    .values({
      id: "running",
      kind: "check",
      state: "running",
      requested_by: "schedule",
      dry_run: 0,
      queued_at: at,
      started_at: at,
      owner: JSON.stringify({ ...holdfast.owner, node: "another-node" }),
      heartbeat_at: new Date().toISOString(),
      problems: "[]",
      attempt: 1,
      destinations: "[]",
      wave: 0,
    })
    .execute();
}

async function expectBack(holdfast: Holdfast): Promise<void> {
  const { declared, state } = holdfast;
  expect(declared.destinations.map(({ name }) => name)).toEqual(["added", "near"]);
  expect(declared.policies.map(({ name }) => name)).toContain("nightly");
  expect(await state.selectFrom("users").select(["name", "password_hash"]).execute()).toEqual([
    { name: "anna", password_hash: "$argon2id$hash" },
  ]);
  expect(await state.selectFrom("tokens").select("hash").execute()).toEqual([{ hash: "hash" }]);
  const resolve = secretResolver(holdfast);
  expect((await resolve({ from: "sealed", name: "notification:x" })).reveal()).toBe("a sealed value");
}

async function countsOf({ state }: Holdfast): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of ["users", "snapshots", "runs", "declarations"] as const) {
    counts[table] = (await state.selectFrom(table).selectAll().execute()).length;
  }
  return counts;
}

async function writtenKit(lab: Homelab, env: Record<string, string> = {}): Promise<string> {
  const safe = join(lab.folder, "safe");
  mkdirSync(safe, { recursive: true });
  const kit = join(safe, `kit-${randomBytes(3).toString("hex")}.json`);
  await lab.json(["recover", "--kit", kit], 0, { env });
  return kit;
}

/** The machine is gone: what is left are the repositories, and the kit elsewhere. */
async function lose(lab: Homelab, holdfast: Holdfast): Promise<void> {
  await holdfast[Symbol.asyncDispose]();
  rmSync(lab.home, { recursive: true });
  rmSync(join(lab.folder, "holdfast.yaml"));
  rmSync(join(lab.folder, ".env"), { force: true });
}
