import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import { binaries } from "../support/binaries.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { sql as mariadb } from "../support/shop-database.ts";
import { homelab } from "./homelab.ts";

interface ResticSnapshot {
  id: string;
  tags: string[];
  paths: string[];
}

describe("with the environment registry alone", () => {
  it("dumps every database, stores every set, and fails only the database without a password", async () => {
    const lab = homelab();
    const { postgres, mariadb: maria } = servers();
    const name = `env_${randomBytes(4).toString("hex")}`;
    await psql(postgres, "postgres", `CREATE DATABASE ${name}`);
    await psql(postgres, name, "CREATE TABLE t (v int); INSERT INTO t SELECT generate_series(1, 500)");
    mariadb(`CREATE DATABASE ${name}; CREATE TABLE ${name}.t (v int); INSERT INTO ${name}.t VALUES (1), (2)`);
    const appdata = join(lab.folder, "appdata");
    const dumps = join(appdata, "_backup", "db_dumps");
    mkdirSync(join(appdata, "cache"), { recursive: true });
    writeFileSync(join(appdata, "settings.json"), "{}");
    writeFileSync(join(appdata, "cache", "thumb"), "worthless");
    const repository = join(lab.folder, "repository");
    writeFileSync(
      join(lab.folder, "backup-sets.json"),
      JSON.stringify([
        {
          name: "appdata",
          paths: [appdata],
          frequency: "daily",
          keep_daily: 7,
          keep_weekly: 4,
          keep_monthly: 6,
          excludes: ["**/cache/**"],
        },
      ]),
    );
    const entry = { host: "127.0.0.1", database: name };
    const registry = [
      {
        ...entry,
        name: "immich",
        type: "postgres",
        port: postgres.port,
        username: postgres.superuser,
        password_env: "DB_PASSWORD_immich",
      },
      {
        ...entry,
        name: "dify",
        type: "mysql",
        port: maria.port,
        username: maria.user,
        password_env: "DB_PASSWORD_dify",
      },
      {
        ...entry,
        name: "broken",
        type: "postgres",
        port: postgres.port,
        username: "x",
        password_env: "DB_PASSWORD_broken",
      },
    ];
    const variables = {
      RESTIC_REPOSITORY: repository,
      RESTIC_PASSWORD: "a password of the environment",
      BACKUP_DB_REGISTRY: JSON.stringify(registry),
      BACKUP_DUMP_DIR: dumps,
      BACKUP_DUMP_RETENTION_DAYS: "7",
      BACKUP_SCHEDULE_HOUR: "",
      DB_PASSWORD_broken: "",
    };
    // These hold every kind of quote, which a .env file cannot.
    const env = { DB_PASSWORD_immich: postgres.password, DB_PASSWORD_dify: maria.password };
    writeFileSync(
      join(lab.folder, ".env"),
      Object.entries(variables)
        .map(([key, value]) => `${key}='${value}'`)
        .join("\n"),
    );

    const report = await lab.json<BackupReport>(["backup"], 1, { env });

    const outcomes = Object.fromEntries(report.apps.map((app) => [app.app, app.outcome]));
    expect(outcomes).toEqual({ immich: "success", dify: "success", broken: "failed", appdata: "success" });
    const broken = report.apps.find((app) => app.app === "broken");
    expect(broken?.problems.map((found) => found.code)).toContain("HF_SECRET_UNAVAILABLE");
    expect(JSON.stringify(broken?.problems)).toContain("DB_PASSWORD_broken");

    // People's own scripts look for these files.
    const [immich] = readdirSync(join(dumps, "postgres", "immich"));
    const [dify] = readdirSync(join(dumps, "mysql", "dify"));
    expect(immich).toMatch(/^immich_\d{4}-\d\d-\d\d_\d{6}\.sql\.gz$/);
    expect(dify).toMatch(/^dify_\d{4}-\d\d-\d\d_\d{6}\.sql\.gz$/);
    const text = execFileSync("gunzip", ["-c", join(dumps, "postgres", "immich", immich ?? "")], { encoding: "utf8" });
    expect(text).toContain("COPY public.t (v) FROM stdin;");

    const snapshots = restic(repository, variables.RESTIC_PASSWORD, "snapshots", "--json") as ResticSnapshot[];
    const set = snapshots.find((snapshot) => snapshot.tags.includes("backup-set:appdata"));
    const held = execFileSync(binaries.restic.sid, ["ls", set?.id ?? ""], {
      encoding: "utf8",
      env: { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: variables.RESTIC_PASSWORD, HOME: lab.folder },
    });
    expect(held).toContain(join(dumps, "postgres", "immich", immich ?? ""));
    expect(held).toContain(join(appdata, "settings.json"));
    expect(held).not.toContain("thumb");
    expect(snapshots.some((snapshot) => snapshot.tags.includes("app:broken"))).toBe(false);

    // A second run: old dumps go, the newest never does.
    utimesSync(join(dumps, "postgres", "immich", immich ?? ""), 1, 1);
    await lab.json(["backup", "immich"], 0, { env });
    const left = readdirSync(join(dumps, "postgres", "immich"));
    expect(left).toHaveLength(1);
    expect(left).not.toContain(immich);
    await psql(postgres, "postgres", `DROP DATABASE ${name}`);
    mariadb(`DROP DATABASE ${name}`);
  });

  it("writes nothing when BACKUP_DRY_RUN says so", async () => {
    const lab = homelab();
    const data = join(lab.folder, "data");
    mkdirSync(data);
    writeFileSync(join(data, "a"), "a");
    const repository = join(lab.folder, "repository");
    const env = {
      RESTIC_REPOSITORY: repository,
      RESTIC_PASSWORD: "a password of the environment",
      BACKUP_SETS_JSON: JSON.stringify([{ name: "set", paths: [data], frequency: "daily", keep_daily: 1 }]),
      BACKUP_DRY_RUN: "true",
    };
    const report = await lab.json<BackupReport>(["backup"], 0, { env });
    expect(report.apps.map((app) => [app.dryRun, app.outcome, app.files.count])).toEqual([[true, "success", 1]]);
    expect(readdirSync(lab.folder)).not.toContain("repository");
  });
});

function restic(repository: string, password: string, ...args: string[]): unknown {
  const env = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: password, HOME: repository };
  return JSON.parse(execFileSync(binaries.restic.sid, args, { encoding: "utf8", env }));
}
