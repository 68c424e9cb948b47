import { afterEach, expect, test } from "vitest";
import { homelab } from "../engine/homelab.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { describeNeeding } from "../support/needs.ts";
import { servers } from "../support/servers.ts";
import { dropTestDatabases, fingerprint, holdShared, makeShop, sql, takeTurns } from "../support/shop-database.ts";

const patienceMs = 60_000;

describeNeeding("mariadb")("MariaDB: a load that is killed in the middle of the swap", () => {
  takeTurns();
  afterEach(dropTestDatabases);

  test("leaves all of the old content on the server, says so, and does not stand in the way of the next load", async () => {
    const lab = homelab();
    const { host, port, user, password } = servers().mariadb;
    const env = { DB: password };
    lab.declare({
      destinations: { near: { type: "local", path: `${lab.folder}/repository` } },
      policies: { default: { destinations: ["near"], keep: { last: 3 } } },
      apps: {
        shop: {
          databases: [
            { name: "shop", type: "mysql", host, port, username: user, password: { env: "DB" }, database: "hf_shop" },
          ],
        },
      },
    });
    makeShop();
    const stored = fingerprint("hf_shop");
    await lab.json(["backup"], 0, { env });
    sql("DROP VIEW above; DELETE FROM children", "hf_shop");
    const old = fingerprint("hf_shop");

    // Whoever reads a table keeps it from being renamed.
    const reader = await holdShared("hf_shop", "log");
    const loading = startHoldfast(["restore", "shop", "--databases", "--yes"], {
      home: lab.home,
      cwd: lab.folder,
      env,
    });
    await expect.poll(() => sql("SHOW PROCESSLIST"), { timeout: patienceMs }).toMatch(/RENAME TABLE/);
    loading.kill("SIGKILL");
    await loading.ended;
    await reader.release();
    // The client that had asked for it is a process of its own, and the server completes what it has begun.
    await expect.poll(() => sql("SHOW PROCESSLIST"), { timeout: patienceMs }).not.toMatch(/RENAME TABLE/);

    const aside = sql("SHOW DATABASES LIKE 'hf%before%'");
    expect(sql("SELECT COUNT(*) FROM information_schema.views WHERE table_schema = 'hf_shop'")).toBe("0");
    const doctor = await lab.run(["doctor"], { env });
    expect(doctor.stdout.replaceAll(/\s+/g, " ")).toContain(aside);

    // By hand, as the hint says.
    sql("CREATE DATABASE hf_old CHARACTER SET latin2 COLLATE latin2_general_ci");
    const tables = sql(
      `SELECT GROUP_CONCAT('\`', table_schema, '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\` TO hf_old.\`', REPLACE(table_name, '\`', '\`\`'), '\`')
       FROM information_schema.tables WHERE table_schema = '${aside}' AND table_name <> 'holdfast_programs'`,
    );
    sql(`RENAME TABLE ${tables}`);
    const programs = Buffer.from(sql(`SELECT HEX(text) FROM \`${aside}\`.holdfast_programs`), "hex").toString();
    sql(programs.replaceAll("`hf_shop`", "`hf_old`"), "hf_old");
    expect(fingerprint("hf_old")).toBe(old);

    await lab.json(["restore", "shop", "--databases", "--yes"], 3, { env });
    expect(fingerprint("hf_shop")).toBe(stored);
    expect(sql("SHOW DATABASES LIKE 'hf%before%'")).toBe(aside);
  });
});
