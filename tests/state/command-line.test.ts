import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { StatusReport } from "../../src/operations/status/status.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { describeNeeding } from "../support/needs.ts";
import { freePort } from "../support/free-port.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { addressOf, newDatabase } from "../support/state-engines.ts";

const run = promisify(execFile);
const nameIn = (address: string): string => new URL(address).pathname.slice(1);

/** A homelab with one app, declared, and a file of it. */
function withApp(): { lab: Homelab; data: string } {
  const lab = homelab();
  const data = join(lab.folder, "srv", "app");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "file"), "what matters");
  lab.declare({
    destinations: { near: { type: "local", path: join(lab.folder, "repository") } },
    policies: { default: { destinations: ["near"], keep: { last: 1 } } },
    apps: { app: { paths: [data] } },
  });
  return { lab, data };
}

/** Everything that the database holds, its counters included. */
async function contents(database: string): Promise<string> {
  const { host, port, superuser, password, binFolder } = servers().postgres;
  const args = ["-h", host, "-p", String(port), "-U", superuser, "--inserts", database];
  const { stdout } = await run(join(binFolder, "pg_dump"), args, {
    env: { PGPASSWORD: password },
    maxBuffer: 64 * 1024 * 1024,
  });
  // Newer clients put a random key around it.
  return stdout.replaceAll(/^\\(?:un)?restrict .*$/gm, "");
}

describeNeeding("postgres")("the command line with its state on PostgreSQL", () => {
  it("backs up, tells, and restores, with nothing of the state in its home", async () => {
    const { lab, data } = withApp();
    const env = { DATABASE_URL: await newDatabase() };
    const report = await lab.json<BackupReport>(["backup"], 0, { env });
    expect(report.outcome).toBe("success");
    writeFileSync(join(data, "file"), "what matters now");
    await lab.json(["backup"], 0, { env });
    await lab.json(["retain"], 0, { env });
    const status = await lab.json<StatusReport>(["status"], 0, { env });
    expect(status.apps.map(({ app, destinations }) => [app, destinations[0]?.snapshots])).toEqual([["app", 1]]);
    await lab.json(["list"], 0, { env });
    await lab.json(["check"], 0, { env });
    await lab.json(["prune"], 0, { env });
    rmSync(join(data, "file"));
    await lab.json(["restore", "app", "--in-place", "--yes"], 0, { env });
    expect(readFileSync(join(data, "file"), "utf8")).toBe("what matters now");
    expect(existsSync(join(lab.home, "state.db"))).toBe(false);
  });

  it("writes nothing on a dry run", async () => {
    const { lab } = withApp();
    const address = await newDatabase();
    const env = { DATABASE_URL: address };
    await lab.json(["backup", "--dry-run"], 0, { env });
    await lab.json(["status"], 0, { env });
    expect(
      await psql(servers().postgres, nameIn(address), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
    ).toBe("0");

    await lab.json(["backup"], 0, { env });
    const before = await contents(nameIn(address));
    await lab.json(["backup", "--dry-run"], 0, { env });
    await lab.json(["retain", "--dry-run"], 0, { env });
    await lab.json(["status"], 0, { env });
    await lab.json(["list"], 0, { env });
    expect(await contents(nameIn(address))).toBe(before);
    expect(before).toContain("INSERT INTO public.runs");
  });

  it("makes its tables once when several are first at once", async () => {
    const env = { DATABASE_URL: await newDatabase() };
    const labs = [withApp(), withApp(), withApp()];
    const outcomes = await Promise.all(labs.map(async ({ lab }) => await lab.run(["settle"], { env })));
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(labs.map(() => [0, ""]));
  });

  it("takes the address from .env too, unless the environment says otherwise", async () => {
    const { lab } = withApp();
    const address = await newDatabase();
    writeFileSync(join(lab.folder, ".env"), `DATABASE_URL="${address}"\n`);
    await lab.json(["backup"]);
    expect(existsSync(join(lab.home, "state.db"))).toBe(false);
    await lab.json(["settle"], 0, { env: { DATABASE_URL: "" } });
    expect(existsSync(join(lab.home, "state.db"))).toBe(true);
  });

  it("says where nothing answers, and never the password", async () => {
    const { lab } = withApp();
    const port = await freePort();
    const secret = "hunter22hunter22";
    const dead = `postgresql://me:${secret}@127.0.0.1:${port}/holdfast`;
    const refused = `postgresql://${servers().postgres.superuser}:${secret}@127.0.0.1:${servers().postgres.port}/postgres`;
    const missing = addressOf("no_such_database");
    for (const [address, code, exit, place] of [
      [dead, "HF_STATE_UNREACHABLE", 1, `127.0.0.1:${port}/holdfast`],
      [refused, "HF_STATE_UNREACHABLE", 1, "/postgres"],
      [missing, "HF_STATE_UNREACHABLE", 1, "no_such_database"],
      [`mysql://me:${secret}@127.0.0.1/x`, "HF_STATE_ADDRESS", 2, "mysql://"],
    ] as const) {
      for (const command of [["backup"], ["status"]]) {
        const outcome = await lab.run([...command, "--json"], { env: { DATABASE_URL: address } });
        const told = outcome.stdout + outcome.stderr;
        expect([outcome.code, told]).toEqual([exit, expect.stringContaining(code)]);
        expect(told).toContain(place);
        expect(told).not.toContain(secret);
        expect(told).not.toContain(encodeURIComponent(servers().postgres.password));
      }
    }
  });

  it("leaves a database alone that holds what is not its own, or what a newer Holdfast wrote", async () => {
    const { lab } = withApp();
    const address = await newDatabase();
    const database = nameIn(address);
    const env = { DATABASE_URL: address };
    await psql(servers().postgres, database, "CREATE TABLE users (name text)");
    const before = await contents(database);
    for (const command of [["backup"], ["status"]]) {
      const outcome = await lab.run([...command, "--json"], { env });
      expect([outcome.code, outcome.stdout]).toEqual([2, expect.stringContaining("HF_STATE_OCCUPIED")]);
    }
    expect(await contents(database)).toBe(before);

    await psql(servers().postgres, database, "DROP TABLE users");
    await lab.json(["backup"], 0, { env });
    await psql(servers().postgres, database, "INSERT INTO migrations VALUES ('9999-later')");
    for (const command of [["backup"], ["status"]]) {
      const outcome = await lab.run([...command, "--json"], { env });
      expect([outcome.code, outcome.stdout]).toEqual([1, expect.stringContaining("9999-later")]);
    }
  });
});
