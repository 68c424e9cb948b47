import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database, DumpProof } from "../../src/domain/database.ts";
import { runContext } from "../support/database-context.ts";
import { testFolder } from "../support/folders.ts";
import { describeNeeding } from "../support/needs.ts";
import {
  dropTestDatabases,
  fingerprint,
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

describeNeeding("mariadb")("MariaDB: load", () => {
  takeTurns();
  afterEach(dropTestDatabases);

  test("comes back whole, into a server that lacks it", async () => {
    makeShop();
    const before = fingerprint("hf_shop");
    const proof = await dumped(await opened());
    sql("DROP DATABASE hf_shop");
    const report = await (await opened()).load(staging, proof.counts, runContext());
    expect(report).toEqual({ counts: shopCounts, mismatches: [], warnings: [] });
    expect(fingerprint("hf_shop")).toBe(before);
    expect(sql("SHOW DATABASES LIKE '%holdfast%'")).toBe("");
  });

  test("takes the place of what is there, with the rights on it", async () => {
    makeShop();
    const before = fingerprint("hf_shop");
    const proof = await dumped(await opened());
    sql(
      "DROP VIEW above; DELETE FROM children; CREATE TABLE later (id INT); CREATE TRIGGER t BEFORE INSERT ON later FOR EACH ROW SET NEW.id = 1; CREATE VIEW later_view AS SELECT * FROM later; ALTER DATABASE CHARACTER SET utf8mb4",
      "hf_shop",
    );
    await (await opened()).load(staging, proof.counts, runContext());
    expect(fingerprint("hf_shop")).toBe(before);
    expect(sql("SHOW DATABASES LIKE '%holdfast%'")).toBe("");
  });

  test("can be loaded by hand with the plain client", async () => {
    makeShop();
    const before = fingerprint("hf_shop");
    await dumped(await opened());
    sql("DROP DATABASE hf_shop");
    sql(await readFile(join(staging, "shop.sql"), "utf8"));
    expect(fingerprint("hf_shop")).toBe(before);
  });

  test("goes to another database when it is opened with another spec", async () => {
    makeShop();
    const proof = await dumped(await opened());
    await (await opened({ database: "hf_other" })).load(staging, proof.counts, runContext());
    expect(fingerprint("hf_other")).toBe(fingerprint("hf_shop"));
  });

  test("all databases are dumped at one moment, and come back each by itself", async () => {
    makeShop("hf_shop");
    makeShop("hf_other");
    const before = [fingerprint("hf_shop"), fingerprint("hf_other")];
    const proof = await dumped(await opened({ all: true }));
    expect(proof.counts).toMatchObject({ "hf_shop.parents": 3, "hf_other.children": 2 });
    expect(Object.keys(proof.counts).filter((name) => /^(mysql|sys)\./.test(name))).toEqual([]);
    sql("DROP DATABASE hf_shop; DELETE FROM hf_other.children");
    const report = await (await opened({ all: true })).load(staging, proof.counts, runContext());
    expect(report.counts).toEqual(proof.counts);
    expect([fingerprint("hf_shop"), fingerprint("hf_other")]).toEqual(before);
    sql("DELETE FROM hf_other.children");
    await (await opened({ database: "hf_other" })).load(staging, {}, runContext());
    expect(fingerprint("hf_other")).toBe(before[1]);
  });

  test("a swap that fails after the rename puts the old content back, programs included", async () => {
    makeShop();
    const proof = await dumped(await opened());
    sql(
      "DELETE FROM children; DROP VIEW above; DROP EVENT cleaning; CREATE EVENT other ON SCHEDULE EVERY 2 DAY DO DELETE FROM log",
      "hf_shop",
    );
    const before = fingerprint("hf_shop");
    const file = join(staging, "shop.sql");
    const text = await readFile(file, "utf8");
    // Events are loaded last, when the new tables are in place already.
    await writeFile(file, text.replace("ON SCHEDULE EVERY 1 DAY", "ON SCHEDULE EVERY 1 YAK"));
    await expect((await opened()).load(staging, proof.counts, runContext())).rejects.toMatchObject({
      code: "HF_LOAD_FAILED",
    });
    expect(fingerprint("hf_shop")).toBe(before);
    expect(sql("SHOW DATABASES LIKE '%holdfast%'")).toBe("");
  });

  test("other rows than the dump's are refused", async () => {
    makeShop();
    const proof = await dumped(await opened());
    const before = fingerprint("hf_shop");
    await expect((await opened()).load(staging, { ...proof.counts, parents: 99 }, runContext())).rejects.toMatchObject({
      code: "HF_LOAD_FAILED",
      message: expect.stringContaining("parents has 3 rows instead of 99"),
    });
    expect(fingerprint("hf_shop")).toBe(before);
  });

  test("definers that the server lacks are replaced, with a warning", async () => {
    makeShop();
    sql(
      "CREATE USER hf_maker; GRANT ALL ON hf_shop.* TO hf_maker; CREATE DEFINER = hf_maker VIEW made AS SELECT 1; CREATE DEFINER = hf_maker PROCEDURE made_too() SELECT 1",
      "hf_shop",
    );
    const proof = await dumped(await opened());
    sql("DROP USER hf_maker");
    const { warnings } = await (await opened()).load(staging, proof.counts, runContext());
    expect(warnings).toMatchObject([{ code: "HF_LOAD_DEFINERS", params: { users: "hf_maker@%" } }]);
    expect(sql("SELECT * FROM made; CALL made_too()", "hf_shop")).toBe("1\n1");
  });

  test("a load that breaks off in the middle leaves the old content and no other database", async () => {
    sql("CREATE DATABASE hf_shop");
    sql(
      `CREATE TABLE large (id INT PRIMARY KEY, text VARCHAR(2000));
         INSERT INTO large SELECT seq, REPEAT('x', 1000) FROM seq_1_to_20000`,
      "hf_shop",
    );
    const proof = await dumped(await opened());
    sql("DELETE FROM large WHERE id > 7", "hf_shop");
    const file = join(staging, "shop.sql");
    const text = await readFile(file);
    const broken = Buffer.from("NONSENSE;\n");
    broken.copy(text, text.indexOf("\n", text.length * 0.7) + 1);
    await writeFile(file, text);
    await expect((await opened()).load(staging, proof.counts, runContext())).rejects.toMatchObject({
      code: "HF_LOAD_FAILED",
    });
    expect(sql("SELECT COUNT(*) FROM large", "hf_shop")).toBe("7");
    await truncate(file, Math.trunc(text.length / 2));
    await expect((await opened()).load(staging, proof.counts, runContext())).rejects.toMatchObject({
      code: "HF_LOAD_FAILED",
    });
    expect(sql("SELECT COUNT(*) FROM large", "hf_shop")).toBe("7");
    expect(sql("SHOW DATABASES LIKE '%holdfast%'")).toBe("");
  });

  test("a dump that was cut off between two statements is refused, also when its rows are not known", async () => {
    makeShop();
    await dumped(await opened());
    const file = join(staging, "shop.sql");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.slice(0, text.indexOf("-- Table structure for table `parents`")));
    await expect((await opened()).load(staging, {}, runContext())).rejects.toMatchObject({ code: "HF_LOAD_FAILED" });
    expect(await (await opened()).count()).toEqual(shopCounts);
  });

  test("a user who may not create databases is told what is missing, and may do it with the right that is named", async () => {
    makeShop();
    const proof = await dumped(await opened());
    // Routines of other users cannot be read by the small one, so they could not be put back.
    sql("DROP FUNCTION twice; DROP PROCEDURE fill; DROP EVENT cleaning; DELETE FROM children", "hf_shop");
    sql("CREATE OR REPLACE USER hf_small IDENTIFIED BY 'small-secret'; GRANT ALL ON hf_shop.* TO hf_small");
    const asSmall = { database: "hf_shop", username: "hf_small", password: "small-secret" };
    await expect((await opened(asSmall)).load(staging, proof.counts, runContext())).rejects.toMatchObject({
      code: "HF_LOAD_RIGHTS",
    });
    sql("GRANT ALL ON `hf_shop\\_holdfast\\_%`.* TO hf_small");
    const { warnings } = await (await opened(asSmall)).load(staging, proof.counts, runContext());
    expect(warnings.map(({ code }) => code)).toEqual(["HF_LOAD_DEFINERS"]);
    expect(await (await opened()).count()).toEqual(shopCounts);
    sql("DROP USER hf_small");
  });
});
