import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { freePort } from "../support/free-port.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { examine, expectNothingLeft, goodOf, recordsOf } from "./aftermath.ts";
import { password, restic, snapshotsIn } from "./restic.ts";
import { postgresOf, temporaryDatabase } from "./whole-app.ts";

/** An app of one file and one database, in one repository. */
function fileAndDatabase(database: Record<string, unknown>) {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  mkdirSync(data);
  writeFileSync(join(data, "file"), randomBytes(10_000));
  const repository = join(lab.folder, "repository");
  lab.declare({
    destinations: { near: { type: "local", path: repository, password: { env: "REPOSITORY" } } },
    apps: { shop: { paths: [data], databases: [database] } },
  });
  const env = { PG: servers().postgres.password, REPOSITORY: password };
  return { lab, data, repository, env };
}

/** The files are stored, marked as not the whole app, and nothing is called good. */
async function expectPartial(lab: Homelab, repository: string, file: string): Promise<void> {
  expect(recordsOf(lab).map(({ status, verdict }) => [status, verdict])).toEqual([["success", "partial"]]);
  const [stored] = snapshotsIn(repository);
  expect(stored?.tags).toContain("partial");
  expect(restic(repository, ["dump", "--no-lock", stored?.id ?? "", file])).toBe(readFileSync(file, "latin1"));
  expectNothingLeft(lab, [repository]);
}

async function expectWholeRun(lab: Homelab, repository: string, env: Record<string, string>): Promise<void> {
  const report = await lab.json<BackupReport>(["backup"], 0, { env });
  expect(report.outcome).toBe("success");
  const [good] = goodOf(lab);
  await examine(lab, repository, good ?? { restic_id: null });
  expectNothingLeft(lab, [repository]);
}

function problemsOf(report: BackupReport): string[] {
  return report.apps.flatMap((app) => app.problems.map(({ code }) => code));
}

it("a dump that is killed in the middle fails the run by name; the files are stored as partial", async () => {
  const database = await temporaryDatabase(
    "CREATE TABLE big (v text); ALTER TABLE big ALTER v SET STORAGE EXTERNAL;" +
      "INSERT INTO big SELECT repeat(md5(g::text), 64) FROM generate_series(1, 100000) g",
  );
  const { lab, data, repository, env } = fileAndDatabase(postgresOf(database));
  const file = join(data, "file");
  writeFileSync(file, "text");
  const running = startHoldfast(["backup"], { home: lab.home, cwd: lab.folder, env });
  await vi.waitFor(() => killDump(lab), { timeout: 60_000, interval: 5 });
  const { code, stdout, stderr } = await running.ended;
  expect(code, stdout + stderr).toBe(1);
  expect(stdout).toContain(`The dump of ${database} failed`);
  await expectPartial(lab, repository, file);
  await expectWholeRun(lab, repository, env);
});

/** Kills the pg_dump of this homelab as soon as it has written something; throws until then. */
function killDump(lab: Homelab): void {
  const staged = join(lab.home, "staging", "shop", ".holdfast", "databases");
  if (!readdirSync(staged).some((name) => statSync(join(staged, name)).size > 1_000_000))
    throw new Error("no dump yet");
  const pids = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isDumpOf(pid, lab));
  if (pids.length === 0) throw new Error("no pg_dump");
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
}

function isDumpOf(pid: string, lab: Homelab): boolean {
  try {
    const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return program.endsWith("pg_dump") && environment.includes(`HOME=${lab.home}`);
  } catch {
    // It ended between the two looks.
    return false;
  }
}

it("a database that is gone fails the run by name, and comes back with the next", async () => {
  const database = await temporaryDatabase("CREATE TABLE t (v int)");
  const { lab, data, repository, env } = fileAndDatabase(postgresOf(database));
  writeFileSync(join(data, "file"), "text");
  await psql(servers().postgres, "postgres", `DROP DATABASE ${database}`);
  const report = await lab.json<BackupReport>(["backup"], 1, { env });
  expect(problemsOf(report)).toEqual(["HF_DATABASE_MISSING"]);
  await expectPartial(lab, repository, join(data, "file"));
  const { stdout } = await lab.run(["backup"], { env });
  expect(stdout).toContain(`no database named ${database}`);
  await psql(servers().postgres, "postgres", `CREATE DATABASE ${database}`);
  await expectWholeRun(lab, repository, env);
});

it("a wrong database password fails the run by name and is not told", async () => {
  const database = await temporaryDatabase("CREATE TABLE t (v int)");
  const { lab, data, repository, env } = fileAndDatabase(postgresOf(database));
  writeFileSync(join(data, "file"), "text");
  const wrong = { ...env, PG: "not-the-password-4711" };
  const report = await lab.json<BackupReport>(["backup"], 1, { env: wrong });
  expect(problemsOf(report)).toEqual(["HF_DATABASE_REFUSED"]);
  await expectPartial(lab, repository, join(data, "file"));
  const { stdout, stderr } = await lab.run(["backup"], { env: wrong });
  expect(stdout).toMatch(new RegExp(`${database} refused the login.*password`, "s"));
  expect(JSON.stringify(report) + stdout + stderr).not.toContain("not-the-password-4711");
  await expectWholeRun(lab, repository, env);
});

it("a database server that does not answer fails the run by name", async () => {
  const { lab, data, repository, env } = fileAndDatabase({ ...postgresOf("shop"), port: await freePort() });
  writeFileSync(join(data, "file"), "text");
  const report = await lab.json<BackupReport>(["backup"], 1, { env });
  expect(problemsOf(report)).toEqual(["HF_DATABASE_UNREACHABLE"]);
  await expectPartial(lab, repository, join(data, "file"));
});
