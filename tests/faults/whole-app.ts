import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, onTestFinished } from "vitest";
import { compareTrees } from "../../src/base/files/compare.ts";
import type { Capture } from "../../src/domain/capture.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { examine, goodOf } from "./aftermath.ts";
import { password } from "./restic.ts";

/** A homelab with one app that has everything: files, PostgreSQL, SQLite, hooks, two destinations, retention. */
export interface WholeApp {
  lab: Homelab;
  env: Record<string, string>;
  repositories: Record<"near" | "far", string>;
  /** The app's folder. */
  data: string;
  rows: number;
  /** Whether the before-hook "stopped" the app, and no after-hook has started it again. */
  isStopped(): boolean;
  /** Changes a file, so that the next snapshot is another. */
  change(): void;
  /** Every good snapshot that was not looked at before restores to what the app looks like now. */
  examineNew(): Promise<number>;
}

export async function wholeApp(): Promise<WholeApp> {
  const lab = homelab();
  const { postgres } = servers();
  const data = join(lab.folder, "srv", "app");
  mkdirSync(join(data, "photos"), { recursive: true });
  for (let file = 0; file < 40; file += 1) {
    writeFileSync(join(data, "photos", `photo ${file}.jpg`), randomBytes(20_000 + file * 2000));
  }
  const live = new Sqlite(join(data, "app.db"));
  live.exec("CREATE TABLE s (v TEXT)");
  const insert = live.prepare("INSERT INTO s VALUES (?)");
  live.transaction(() => {
    for (let row = 0; row < 5000; row += 1) insert.run(`row ${row}`);
  })();
  live.close();
  const rows = 20_000;
  const database = await temporaryDatabase(
    `CREATE TABLE t (id int primary key, v text); INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, ${rows}) g`,
  );
  const flag = join(lab.folder, "stopped");
  const repositories = { near: join(lab.folder, "near"), far: join(lab.folder, "far") };
  lab.declare({
    destinations: {
      near: { type: "local", path: repositories.near, password: { env: "REPOSITORY" } },
      far: { type: "local", path: repositories.far, password: { env: "REPOSITORY" } },
    },
    policies: { default: { keep: { last: 3 } } },
    apps: {
      app: {
        paths: [data],
        databases: [postgresOf(database), { type: "sqlite", path: join(data, "app.db") }],
        hooks: { before: [["touch", flag]], after: [["rm", "-f", flag]] },
      },
    },
  });
  const seen = new Set<string>();
  let changes = 0;
  return {
    lab,
    env: { PG: postgres.password, REPOSITORY: password },
    repositories,
    data,
    rows,
    isStopped: () => existsSync(flag),
    change: () =>
      writeFileSync(join(data, "changing"), `change ${(changes += 1)} ${randomBytes(5000).toString("hex")}`),
    async examineNew() {
      const fresh = goodOf(lab).filter((row) => !seen.has(row.restic_id ?? ""));
      for (const row of fresh) {
        seen.add(row.restic_id ?? "");
        const repository = row.destination === "near" ? repositories.near : repositories.far;
        await examine(lab, repository, row, (folder, capture) => expectWhole(folder, capture, { data, rows }));
      }
      return fresh.length;
    },
  };
}

/** A database of the test server that is gone when the test has ended. */
export async function temporaryDatabase(statements: string): Promise<string> {
  const { postgres } = servers();
  const database = `fault_${randomBytes(5).toString("hex")}`;
  await psql(postgres, "postgres", `CREATE DATABASE ${database}`);
  onTestFinished(async () => {
    await psql(postgres, "postgres", `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  });
  if (statements !== "") await psql(postgres, database, statements);
  return database;
}

/** Its declaration; the password comes from the variable PG. */
export function postgresOf(database: string): Record<string, unknown> {
  const { host, port, superuser } = servers().postgres;
  return { type: "postgres", host, port, database, username: superuser, password: { env: "PG" } };
}

async function expectWhole(folder: string, capture: Capture, app: { data: string; rows: number }): Promise<void> {
  const restored = join(folder, app.data);
  const { differences } = await compareTrees(app.data, restored);
  // The SQLite file is left out of the files: its dump stands for it.
  const live = differences.filter(({ path }) => !/app\.db(-wal|-shm)?$/.test(path) && path !== app.data);
  expect(live).toEqual([]);
  const dumps = execFileSync("find", [folder, "-path", "*.holdfast/databases/*", "-type", "f"], { encoding: "utf8" });
  const files = dumps.split("\n").filter(Boolean);
  expect(capture.databases.map((database) => Object.values(database.counts))).toEqual([[app.rows], [5000]]);
  for (const file of files) {
    if (file.endsWith(".dump")) execFileSync("pg_restore", ["-f", "/dev/null", file]);
    if (/\.(db|sqlite3?)$/.test(file)) {
      const copy = new Sqlite(file, { readonly: true });
      expect(copy.prepare("SELECT count(*) FROM s").pluck().get()).toBe(5000);
      copy.close();
    }
  }
  expect(files.length).toBeGreaterThanOrEqual(2);
}
