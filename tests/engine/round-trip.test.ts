import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { compareTrees } from "../../src/base/files/compare.ts";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RestoreReport } from "../../src/operations/restore/report.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { homelab } from "./homelab.ts";

describe("an app with files and databases", () => {
  it("comes back byte for byte and row for row, from two destinations", async () => {
    const lab = homelab();
    const { postgres, s3 } = servers();
    const data = join(lab.folder, "srv", "app");
    makeFiles(data);
    const database = `roundtrip_${randomBytes(4).toString("hex")}`;
    await psql(postgres, "postgres", `CREATE DATABASE ${database}`);
    await psql(
      postgres,
      database,
      "CREATE TABLE t (id int primary key, v text); INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 1000) g",
    );
    const sqlite = join(data, "app.db");
    const live = new Sqlite(sqlite);
    live.pragma("journal_mode = WAL");
    live.exec("CREATE TABLE s (v TEXT); INSERT INTO s VALUES ('one'), ('two')");
    lab.declare({
      destinations: {
        near: { type: "local", path: join(lab.folder, "repository") },
        far: {
          type: "s3",
          endpoint: s3.endpoint,
          bucket: s3.bucket,
          prefix: database,
          access_key: { env: "S3_KEY" },
          secret_key: { env: "S3_SECRET" },
        },
      },
      policies: { default: { destinations: ["near", "far"], keep: { last: 3 } } },
      apps: {
        app: {
          paths: [data],
          exclude: ["**/cache"],
          databases: [
            {
              type: "postgres",
              host: postgres.host,
              port: postgres.port,
              database,
              username: postgres.superuser,
              password: { env: "PG" },
            },
            { type: "sqlite", path: sqlite },
          ],
        },
      },
    });
    const env = { PG: postgres.password, S3_KEY: s3.accessKey, S3_SECRET: s3.secretKey };

    const report = await lab.json<BackupReport>(["backup"], 0, { env });
    expect(report.outcome).toBe("success");
    expect(report.apps[0]?.stores.map((store) => [store.destination, store.status, store.verdict]).sort()).toEqual([
      ["far", "success", "good"],
      ["near", "success", "good"],
    ]);
    expect(report.apps[0]?.dumps.map((dump) => [dump.type, dump.rows])).toEqual([
      ["postgres", 1000],
      ["sqlite", 2],
    ]);
    live.close();

    // A copy to compare with, then the disaster.
    const before = join(lab.folder, "before");
    execFileSync("cp", ["-a", data, before]);
    await psql(postgres, "postgres", `DROP DATABASE ${database}`);
    rmSync(data, { recursive: true });

    const restored = await lab.json<RestoreReport>(["restore", "app", "--in-place", "--yes"], 0, { env });
    expect(restored.outcome).toBe("success");
    expect(restored.databases.map((one) => [one.type, one.rows])).toEqual([
      ["postgres", 1000],
      ["sqlite", 2],
    ]);
    expect(await psql(postgres, database, "SELECT count(*), sum(id) FROM t")).toBe("1000|500500");
    const back = new Sqlite(sqlite, { readonly: true });
    expect(back.prepare("SELECT v FROM s ORDER BY v").pluck().all()).toEqual(["one", "two"]);
    back.close();
    rmSync(join(before, "cache"), { recursive: true });
    for (const name of ["app.db", "app.db-wal", "app.db-shm"]) {
      rmSync(join(before, name), { force: true });
      rmSync(join(data, name), { force: true });
    }
    expect(touched(await compareTrees(before, data), data)).toEqual([]);

    // From the far destination alone, into a fresh folder, single file.
    rmSync(join(lab.folder, "repository"), { recursive: true });
    const target = join(lab.folder, "one");
    const file = join(data, "photos", "böse \n 'name'.bin");
    const one = await lab.json<RestoreReport>(["restore", "app", "--target", target, "--path", file], 0, { env });
    expect(one.destination).toBe("far");
    expect(readFileSync(join(target, file)).equals(readFileSync(file))).toBe(true);
    await psql(postgres, "postgres", `DROP DATABASE ${database}`);
  });

  it("loads a database under another name and leaves the first one alone", async () => {
    const lab = homelab();
    const { postgres } = servers();
    const database = `twice_${randomBytes(4).toString("hex")}`;
    await psql(postgres, "postgres", `CREATE DATABASE ${database}`);
    await psql(postgres, database, "CREATE TABLE t (v int); INSERT INTO t VALUES (1)");
    lab.declare({
      apps: {
        db: {
          databases: [
            {
              type: "postgres",
              host: postgres.host,
              port: postgres.port,
              database,
              username: postgres.superuser,
              password: { env: "PG" },
            },
          ],
        },
      },
    });
    const env = { PG: postgres.password };
    await lab.json(["backup"], 0, { env });
    await psql(postgres, database, "UPDATE t SET v = 2");
    await lab.json(["restore", "db", "--database", database, "--into", `database=${database}_copy`, "--yes"], 0, {
      env,
    });
    expect(await psql(postgres, `${database}_copy`, "SELECT v FROM t")).toBe("1");
    expect(await psql(postgres, database, "SELECT v FROM t")).toBe("2");
    await psql(postgres, "postgres", `DROP DATABASE ${database}`);
    await psql(postgres, "postgres", `DROP DATABASE ${database}_copy`);
  });
});

function makeFiles(data: string): void {
  mkdirSync(join(data, "photos"), { recursive: true });
  mkdirSync(join(data, "cache"));
  writeFileSync(join(data, "cache", "thumb"), "worthless");
  writeFileSync(join(data, "photos", "a.jpg"), randomBytes(300_000));
  writeFileSync(join(data, "photos", "böse \n 'name'.bin"), randomBytes(1000));
  writeFileSync(join(data, "-rf"), "leading dash");
  writeFileSync(Buffer.concat([Buffer.from(`${data}/bytes-`), Buffer.from([0xff, 0xfe])]), "invalid UTF-8");
  writeFileSync(join(data, "empty"), "");
  symlinkSync("photos/a.jpg", join(data, "link"));
  chmodSync(join(data, "photos", "a.jpg"), 0o640);
  utimesSync(join(data, "photos", "a.jpg"), 1_600_000_000, 1_600_000_000.5);
}

/** The app's own folder changed when the test took files out of it. */
function touched(comparison: Awaited<ReturnType<typeof compareTrees>>, data: string): unknown[] {
  return comparison.differences.filter(
    (difference) => !(difference.kind === "mtime" && difference.path.length <= data.length),
  );
}
