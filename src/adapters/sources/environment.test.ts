import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { failure, render } from "../../base/errors/error.ts";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { dueOn } from "../../domain/due.ts";
import { merge } from "../../domain/merge.ts";
import { readVariables, type Variables } from "./dotenv.ts";
import { environmentSource } from "./environment.ts";

const text = z.string().min(1);
const server = z.strictObject({
  host: text.optional(),
  port: z.int().max(65_535).optional(),
  database: text,
  username: text.optional(),
  password: secretRefSchema.optional(),
});
const kinds = {
  notifiers: [],
  databases: [
    { type: "postgres", spec: server.extend({ format: z.literal("plain").optional() }) },
    { type: "mariadb", spec: server },
  ],
  destinations: [{ type: "local", spec: z.strictObject({ path: z.string().startsWith("/", "an absolute path") }) }],
};
const fromLocation = (location: string) => {
  if (location.startsWith("nonsense:")) {
    const found = { place: "RESTIC_REPOSITORY", expected: "a location", found: location, suggestion: "" };
    throw failure("HF_CONFIG_INVALID", found);
  }
  return { type: "local", spec: { path: location } };
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-environment-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const read = (variables: Variables) => environmentSource({ variables, cwd: folder, kinds, fromLocation }).read();
const told = async (variables: Variables): Promise<string[]> =>
  (await read(variables)).problems.map((found) => render(found).message);
const immich = {
  name: "immich",
  type: "postgres",
  host: "immich-postgres",
  port: 5432,
  database: "immich",
  username: "postgres",
  password_env: "BACKUP_DB_PASSWORD_immich",
};
const appdata = {
  name: "appdata",
  paths: ["/data/appdata"],
  frequency: "daily",
  keep_daily: 7,
  keep_weekly: 4,
  keep_monthly: 6,
  excludes: ["**/cache/**"],
};
const registry = (...entries: unknown[]) => ({ BACKUP_DB_REGISTRY: JSON.stringify(entries) });
const sets = (...entries: unknown[]) => ({ BACKUP_SETS_JSON: JSON.stringify(entries) });

describe("the environment registry", () => {
  it("declares nothing when none of its variables is set", async () => {
    expect(await read({ HOME: "/root" })).toMatchObject({
      apps: [],
      policies: [],
      destinations: [],
      problems: [],
      settings: {},
    });
  });

  it("makes each database an app whose dumps are exported, before the sets that hold them", async () => {
    const declared = await read({
      ...registry({ ...immich, env_file: "/srv/immich/.env", anything: 1 }),
      ...sets(appdata),
      RESTIC_REPOSITORY: "/mnt/repo",
      BACKUP_SCHEDULE_HOUR: "4",
      BACKUP_DUMP_RETENTION_DAYS: "14",
    });
    expect(declared.problems).toEqual([]);
    expect(declared.apps).toEqual([
      {
        name: "appdata",
        origin: "environment",
        paths: ["/data/appdata"],
        exclude: ["**/cache/**"],
        tags: ["backup-set:appdata"],
        policy: "set-appdata",
        order: 1,
      },
      {
        name: "immich",
        origin: "environment",
        databases: [
          {
            name: "immich",
            type: "postgres",
            spec: {
              host: "immich-postgres",
              port: 5432,
              database: "immich",
              username: "postgres",
              password: { from: "env", variable: "BACKUP_DB_PASSWORD_immich" },
              format: "plain",
            },
          },
        ],
        policy: "environment",
        order: 0,
        export: { folder: "/data/appdata/_backup/db_dumps", retentionDays: 14 },
      },
    ]);
    expect(declared.policies).toEqual([
      {
        name: "set-appdata",
        origin: "environment",
        schedule: "0 4 * * *",
        jitterMs: 0,
        dueDaysOnly: true,
        keep: { daily: 7, weekly: 4, monthly: 6 },
        destinations: ["restic"],
      },
      { name: "environment", origin: "environment", schedule: "0 4 * * *", jitterMs: 0, destinations: ["restic"] },
    ]);
    expect(declared.destinations).toEqual([
      {
        name: "restic",
        type: "local",
        spec: { path: "/mnt/repo" },
        password: { from: "env", variable: "RESTIC_PASSWORD" },
        enabled: true,
        appendOnly: false,
        origin: "environment",
      },
    ]);
  });

  it("stores in the embedded repository when no repository is named", async () => {
    const { apps, policies } = merge([{ rank: 1, declared: await read(registry(immich)) }], {
      home: "/h",
      device: "box",
    });
    expect(apps.map(({ name }) => name)).toEqual(["immich"]);
    expect(policies.find(({ name }) => name === "environment")).toMatchObject({
      destinations: ["local"],
      keep: { daily: 7 },
    });
  });

  it("keeps the set's name and renames the database when both have the same", async () => {
    const { apps } = await read({ ...registry(immich), ...sets({ ...appdata, name: "immich" }) });
    expect(apps.map(({ name, databases }) => [name, databases?.map((database) => database.name)])).toEqual([
      ["immich", undefined],
      ["immich-database", ["immich"]],
    ]);
  });

  it("runs daily sets every day, weekly ones on Sundays, monthly ones on the first", async () => {
    const { policies } = await read(
      sets(...["daily", "weekly", "Monthly"].map((frequency) => ({ ...appdata, name: frequency, frequency }))),
    );
    const due = (date: string) =>
      policies.filter((policy) => dueOn(policy, new Date(`${date}T23:30:00`))).map(({ name }) => name);
    expect(due("2026-11-20")).toEqual(["set-daily"]);
    expect(due("2026-11-22")).toEqual(["set-daily", "set-weekly"]);
    expect(due("2026-12-01")).toEqual(["set-daily", "set-Monthly"]);
    expect(due("2026-11-01")).toEqual(["set-daily", "set-weekly", "set-Monthly"]);
  });

  it("keeps every good entry beside bad ones, and names the place of each mistake", async () => {
    const broken = [
      { ...immich, name: "no-database", database: null },
      { ...immich, name: "odd", type: "postgras" },
      { ...immich, name: "high", port: 70_000 },
      "text",
    ];
    const declared = await read(registry(immich, ...broken, { ...immich, name: "wiki", type: "mysql", port: "3306" }));
    expect(declared.apps.map(({ name }) => name)).toEqual(["immich", "wiki"]);
    expect(declared.apps[1]?.databases?.[0]).toMatchObject({ type: "mariadb", spec: { port: 3306 } });
    expect(declared.problems.map((found) => render(found).message)).toEqual([
      'BACKUP_DB_REGISTRY [4]: expected a map (key: value), found "text".',
      'BACKUP_DB_REGISTRY [1]: expected the key "database" (text), found none.',
      'BACKUP_DB_REGISTRY [2].type: expected one of postgres, mariadb, found "postgras".',
      "BACKUP_DB_REGISTRY [3].port: expected at most 65535, found 70000.",
    ]);
    expect(declared.leftOut?.map(({ name }) => name)).toEqual(["no-database", "odd", "high"]);
  });

  it("keeps the databases when the sets cannot be read, and the other way round", async () => {
    expect((await read({ ...registry(immich), BACKUP_SETS_JSON: "[{" })).apps.map(({ name }) => name)).toEqual([
      "immich",
    ]);
    expect((await read({ BACKUP_DB_REGISTRY: "{}", ...sets(appdata) })).apps.map(({ name }) => name)).toEqual([
      "appdata",
    ]);
    expect(await told({ BACKUP_DB_REGISTRY: "{}" })).toEqual([
      "BACKUP_DB_REGISTRY: expected a JSON list, found something else.",
    ]);
  });

  it("names a mistyped key of a set, and lets other tools' keys through", async () => {
    expect(await told(sets({ ...appdata, keep_dayly: 3 }))).toEqual([
      'BACKUP_SETS_JSON [0].keep_dayly: expected a known key, found the unknown key "keep_dayly".',
    ]);
    expect(await told(sets({ ...appdata, description: "x", owner: "me" }))).toEqual([]);
    expect(await told(sets(appdata, appdata))).toEqual([
      'BACKUP_SETS_JSON [1].name: expected each name once, found "appdata" again.',
    ]);
    expect((await told(sets({ ...appdata, keep_daily: 0, keep_weekly: 0, keep_monthly: 0 })))[0]).toContain(
      "at least one rule",
    );
  });

  it("reads backup-sets.json where it runs, or the file that is named", async () => {
    await writeFile(
      join(folder, "backup-sets.json"),
      `[\n  ${JSON.stringify(appdata)},\n  { "name": "x", "paths": ["data"] }\n]\n`,
    );
    expect((await read({})).apps.map(({ name }) => name)).toEqual(["appdata"]);
    expect(await told({})).toEqual([
      `${folder}/backup-sets.json:3:28 [1].paths[0]: expected an absolute path, such as /data/appdata, found "data".`,
    ]);
    await writeFile(join(folder, "other.json"), JSON.stringify([{ ...appdata, name: "other" }]));
    expect((await read({ BACKUP_SETS_FILE: join(folder, "other.json") })).apps.map(({ name }) => name)).toEqual([
      "other",
    ]);
    expect((await read({ BACKUP_SETS_FILE: "/nowhere/sets.json" })).problems).toMatchObject([
      { code: "HF_CONFIG_UNREADABLE" },
    ]);
    expect((await read(sets({ ...appdata, name: "inline" }))).apps.map(({ name }) => name)).toEqual(["inline"]);
  });

  it("asks for a dry run and for a single run", async () => {
    expect((await read({ BACKUP_DRY_RUN: "true", BACKUP_SCHEDULE_HOUR: "" })).settings).toEqual({
      dryRun: true,
      once: true,
    });
    expect((await read({ BACKUP_DRY_RUN: "False", BACKUP_SCHEDULE_HOUR: "3" })).settings).toEqual({ dryRun: false });
    expect(await read({ BACKUP_DRY_RUN: "ture" })).toMatchObject({
      settings: { dryRun: true },
      problems: [{ code: "HF_CONFIG_INVALID" }],
    });
  });

  it("reports settings that cannot be, and goes on with the usual ones", async () => {
    const declared = await read({
      ...registry(immich),
      BACKUP_SCHEDULE_HOUR: "24",
      BACKUP_DUMP_RETENTION_DAYS: "two weeks",
    });
    expect(declared.problems.map(({ params }) => params["place"])).toEqual([
      "BACKUP_SCHEDULE_HOUR",
      "BACKUP_DUMP_RETENTION_DAYS",
    ]);
    expect(declared.policies[0]?.schedule).toBe("0 3 * * *");
    expect(declared.apps[0]?.export).toEqual({ folder: "/data/appdata/_backup/db_dumps" });
    expect((await read({ ...registry(immich), BACKUP_DUMP_DIR: "dumps" })).apps[0]).not.toHaveProperty("export");
  });

  it("takes the repository's password as restic would", async () => {
    const password = async (variables: Variables) =>
      (await read({ RESTIC_REPOSITORY: "/r", ...variables })).destinations[0]?.password;
    expect(await password({})).toEqual({ from: "env", variable: "RESTIC_PASSWORD" });
    expect(await password({ RESTIC_PASSWORD_FILE: "secrets/pw" })).toEqual({
      from: "file",
      path: join(folder, "secrets/pw"),
    });
    expect(await password({ RESTIC_PASSWORD_COMMAND: `pass show "back up"/re\\ po 'a b'` })).toEqual({
      from: "command",
      argv: ["pass", "show", "back up/re po", "a b"],
    });
  });

  it("reads the location from RESTIC_REPOSITORY_FILE", async () => {
    await writeFile(join(folder, "repo"), "/mnt/from-file\n");
    expect((await read({ RESTIC_REPOSITORY_FILE: "repo" })).destinations[0]?.spec).toEqual({ path: "/mnt/from-file" });
    expect((await read({ RESTIC_REPOSITORY: "./here" })).destinations[0]?.spec).toEqual({ path: join(folder, "here") });
  });

  it("does not fall back to the embedded repository when the named one cannot be understood", async () => {
    const broken = [
      { RESTIC_REPOSITORY: "nonsense://me:hunter22@x" },
      { RESTIC_REPOSITORY: "not-absolute" },
      { RESTIC_REPOSITORY_FILE: "gone" },
    ];
    for (const variables of broken) {
      const declared = await read({ ...registry(immich), ...variables });
      const { destinations, policies } = merge([{ rank: 1, declared }], { home: "/h", device: "box" });
      expect(declared.problems).toHaveLength(1);
      expect(JSON.stringify(declared.problems)).not.toContain("hunter22");
      expect(destinations).toEqual([]);
      expect(policies.every((policy) => policy.destinations.join() === "restic")).toBe(true);
    }
  });
});

describe("the .env file", () => {
  it("is read where Holdfast runs, and the process's own variables win", async () => {
    await writeFile(join(folder, ".env"), "A=file\nB=\"with space # and more\"\nexport C='three'\nD=\n");
    expect(await readVariables({ process: { A: "process", D: "" }, cwd: folder })).toEqual({
      variables: { A: "process", B: "with space # and more", C: "three", D: "" },
      problems: [],
    });
  });

  it("need not be there unless it was named", async () => {
    expect((await readVariables({ process: {}, cwd: folder })).problems).toEqual([]);
    expect((await readVariables({ process: {}, cwd: folder, path: "/nowhere/.env" })).problems).toMatchObject([
      { code: "HF_CONFIG_UNREADABLE" },
    ]);
  });
});
