import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { orphansOf } from "../../src/base/process/orphans.ts";
import { thisProcess } from "../../src/base/process/owner.ts";
import type { Database, DumpProof } from "../../src/domain/database.ts";
import { runContext } from "../support/database-context.ts";
import { testFolder } from "../support/folders.ts";
import { describeNeeding } from "../support/needs.ts";
import {
  commandsRun,
  dropTestDatabases,
  makeShop,
  openShop,
  shopCounts,
  sql,
  takeTurns,
} from "../support/shop-database.ts";

let folder: string;
let staging: string;
beforeEach(async () => {
  folder = testFolder();
  staging = join(folder, "staging");
  await mkdir(staging);
});

const opened = (more?: Record<string, unknown>): Promise<Database> => openShop(folder, more);

async function dumped(database: Database, run = runContext()): Promise<DumpProof> {
  const pin = await database.pin(run);
  return await database.dump(pin, { folder: staging }, run);
}

describeNeeding("mariadb")("MariaDB: dump", () => {
  takeTurns();
  afterEach(dropTestDatabases);

  test("tells what the server is, with which tools it is dumped, and how large it is", async () => {
    makeShop();
    const facts = await (await opened()).probe();
    expect(facts).toMatchObject({ engine: "mariadb", client: { program: "mariadb-dump" }, warnings: [] });
    expect(facts.serverVersion).toMatch(/^1\d\.\d+/);
    expect(facts.sizeBytes).toBeGreaterThan(10_000);
  });

  test("dumps everything, counts its rows exactly and keeps the password out of sight", async () => {
    makeShop();
    commandsRun.length = 0;
    const proof = await dumped(await opened());
    expect(proof.counts).toEqual(shopCounts);
    expect(proof.files.map(({ name }) => name)).toEqual(["shop.sql", "shop.json"]);
    expect((await readdir(staging)).sort()).toEqual(["shop.json", "shop.sql"]);
    expect(proof.bytes).toBe((await stat(join(staging, "shop.sql"))).size);
    const text = await readFile(join(staging, "shop.sql"), "utf8");
    expect(text).toMatch(/^-- MariaDB dump/);
    for (const word of ["TRIGGER noted", "EVENT `cleaning`", "FUNCTION `twice`", "VIEW `above`", "CREATE SEQUENCE"])
      expect(text).toContain(word);
    expect(commandsRun.length).toBeGreaterThan(2);
    expect(commandsRun.join("\n")).not.toContain("quoted");
    expect((await stat(join(folder, "scratch-shop", "shop.my.cnf"))).mode & 0o777).toBe(0o600);
  });

  test("what was written after the pin is not in the dump", async () => {
    makeShop();
    const database = await opened();
    const run = runContext();
    const from = performance.now();
    const pin = await database.pin(run);
    console.info(`pin ${(performance.now() - from).toFixed(0)} ms`);
    sql("INSERT INTO parents (name) VALUES ('late'); INSERT INTO empty_one VALUES (1)", "hf_shop");
    const proof = await database.dump(pin, { folder: staging }, run);
    expect(proof.counts).toEqual(shopCounts);
    expect(await database.count()).toEqual({ ...shopCounts, parents: 4, empty_one: 1 });
  });

  describe("with a large table", () => {
    const rows = 60_000;
    beforeEach(() => {
      sql("CREATE DATABASE hf_shop");
      sql(
        `CREATE TABLE large (id INT PRIMARY KEY, text VARCHAR(2000));
         INSERT INTO large SELECT seq, CONCAT('it''s (', REPEAT('x', 1000), ');') FROM seq_1_to_${rows}`,
        "hf_shop",
      );
    });

    test("a table that is read last is dumped as it was at the pin", async () => {
      sql("CREATE TABLE last_one (id INT)", "hf_shop");
      const database = await opened();
      const run = runContext();
      const pin = await database.pin(run);
      // The dump waits in the middle of the large table.
      sql("SET lock_wait_timeout = 5; INSERT INTO last_one VALUES (1)", "hf_shop");
      const proof = await database.dump(pin, { folder: staging }, run);
      expect(proof.counts).toEqual({ large: rows, last_one: 0 });
    });

    test("a pin that waits longer than the server's patience still gives the whole dump", async () => {
      sql("SET GLOBAL net_write_timeout = 2");
      try {
        const database = await opened();
        const run = runContext();
        const pin = await database.pin(run);
        // The server would end the connection after two seconds; it has sent everything when its connection is gone.
        await until(
          () =>
            sql(
              "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'hf_shop' OR info LIKE '%large%' AND info NOT LIKE '%processlist%'",
            ) === "0",
        );
        const proof = await database.dump(pin, { folder: staging }, run);
        expect(proof.counts).toEqual({ large: rows });
        expect(await readdir(join(folder, "scratch-shop"))).toEqual(["shop.my.cnf"]);
      } finally {
        sql("SET GLOBAL net_write_timeout = 60");
      }
    });

    test("a dump that is killed in the middle fails by name and leaves no file", async () => {
      const database = await opened();
      const run = runContext();
      const pin = await database.pin(run);
      for (const pid of orphansOf(thisProcess())) process.kill(pid, "SIGKILL");
      await expect(database.dump(pin, { folder: staging }, run)).rejects.toMatchObject({
        code: "HF_DUMP_FAILED",
        message: expect.stringContaining("SIGKILL"),
      });
      expect(await readdir(staging)).toEqual([]);
    });

    test("a dump whose connection the server ends fails by name and leaves no file", async () => {
      const database = await opened();
      const run = runContext();
      const pin = await database.pin(run);
      const running =
        "SELECT id FROM information_schema.processlist WHERE info LIKE '%`large`%' AND info NOT LIKE '%processlist%'";
      await until(() => sql(running) !== "");
      sql(`KILL ${sql(running)}`);
      await expect(database.dump(pin, { folder: staging }, run)).rejects.toMatchObject({ code: "HF_DUMP_FAILED" });
      expect(await readdir(staging)).toEqual([]);
    });

    test("a released pin leaves no process and no file", async () => {
      const database = await opened();
      const pin = await database.pin(runContext());
      expect(orphansOf(thisProcess())).toHaveLength(1);
      await pin.release();
      await pin.release();
      expect(orphansOf(thisProcess())).toEqual([]);
    });

    test("a cancelled dump ends its program and leaves no file", async () => {
      const cancel = new AbortController();
      const database = await opened();
      const run = runContext(cancel.signal);
      const dumping = database.dump(await database.pin(run), { folder: staging }, run);
      cancel.abort();
      await expect(dumping).rejects.toMatchObject({ name: "AbortError" });
      expect(await readdir(staging)).toEqual([]);
      expect(orphansOf(thisProcess())).toEqual([]);
    });

    test("a dry run reads the dump to its end and leaves nothing", async () => {
      const database = await opened();
      const run = runContext();
      const proof = await database.dump(await database.pin(run), "nowhere", run);
      expect(proof).toMatchObject({ files: [], counts: { large: rows } });
      expect(proof.bytes).toBeGreaterThan(rows * 1000);
    });
  });

  test("tables that no transaction holds still are a warning", async () => {
    sql("CREATE DATABASE hf_shop; CREATE TABLE hf_shop.old (id INT) ENGINE = MyISAM");
    const { warnings } = await dumped(await opened());
    expect(warnings).toMatchObject([{ code: "HF_DUMP_NOT_TRANSACTIONAL", params: { tables: "old" } }]);
  });

  test("a moment is not called pinned before the transaction has begun", async () => {
    makeShop();
    const [waiting, go] = [join(folder, "waiting"), join(folder, "go")];
    await writeTool("mariadb", 'exec /usr/bin/mariadb "$@"');
    await writeTool(
      "mariadb-dump",
      `case "$*" in *--version*) ;; *)
         echo "-- Connecting to localhost..." >&2; : > ${waiting}; until [ -e ${go} ] || [ ! -e ${waiting} ]; do sleep 0.05; done ;;
       esac
       exec /usr/bin/mariadb-dump "$@"`,
    );
    const database = await opened({ database: "hf_shop", client: folder });
    const run = runContext();
    let pinned = false;
    const pinning = database.pin(run).finally(() => (pinned = true));
    await until(() => existsSync(waiting));
    sql("INSERT INTO empty_one VALUES (1)", "hf_shop");
    expect(pinned).toBe(false);
    await writeFile(go, "");
    const proof = await database.dump(await pinning, { folder: staging }, run);
    expect(proof.counts).toEqual({ ...shopCounts, empty_one: 1 });
  });

  describe("refuses, and says why", () => {
    test("a database that is missing", async () => {
      await expect((await opened()).probe()).rejects.toMatchObject({ code: "HF_DATABASE_MISSING" });
      await expect((await opened()).pin(runContext())).rejects.toMatchObject({ code: "HF_DATABASE_MISSING" });
    });

    test("a wrong password", async () => {
      const database = await opened({ database: "hf_shop", password: "not this one" });
      await expect(database.pin(runContext())).rejects.toMatchObject({ code: "HF_DATABASE_REFUSED" });
    });

    test("a server that is not there", async () => {
      await expect((await opened({ database: "hf_shop", port: 1 })).probe()).rejects.toMatchObject({
        code: "HF_DATABASE_UNREACHABLE",
      });
    });

    test("a folder without client tools", async () => {
      await expect((await opened({ database: "hf_shop", client: folder })).probe()).rejects.toMatchObject({
        code: "HF_PROGRAM_MISSING",
      });
    });

    test("a dump program whose output is cut off, though it says that all is well", async () => {
      makeShop();
      await writeTool("mariadb", 'exec /usr/bin/mariadb "$@"');
      const cut = 'case "$*" in *--version*) cat ;; *) head -c 3000 ;; esac';
      await writeTool("mariadb-dump", `/usr/bin/mariadb-dump "$@" | ${cut}`);
      await expect(dumped(await opened({ database: "hf_shop", client: folder }))).rejects.toMatchObject({
        code: "HF_DUMP_INCOMPLETE",
      });
      expect(await readdir(staging)).toEqual([]);
    });

    test("a user who may not read the routines", async () => {
      makeShop();
      sql(
        "CREATE OR REPLACE USER hf_small IDENTIFIED BY 'small-secret'; GRANT SELECT, SHOW VIEW, LOCK TABLES, TRIGGER, EVENT ON hf_shop.* TO hf_small; GRANT EXECUTE ON PROCEDURE hf_shop.fill TO hf_small",
      );
      const database = await opened({ database: "hf_shop", username: "hf_small", password: "small-secret" });
      await expect(dumped(database)).rejects.toMatchObject({
        code: expect.stringMatching(/^HF_DUMP_(FAILED|INCOMPLETE)$/),
      });
      expect(await readdir(staging)).toEqual([]);
      sql("DROP USER hf_small");
    });
  });
});

/** A client tool in the test's folder, which stands for one that behaves oddly. */
async function writeTool(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

/** Waits for a condition. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
}
