import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Driver from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { sqliteSpec } from "../../src/adapters/databases/sqlite/spec.ts";
import { sqlite } from "../../src/adapters/databases/sqlite/sqlite.ts";
import { localDevice } from "../../src/adapters/devices/local.ts";
import type { Executor } from "../../src/base/process/command.ts";
import { orphansOf } from "../../src/base/process/orphans.ts";
import { thisProcess } from "../../src/base/process/owner.ts";
import type { Database, DumpProof } from "../../src/domain/database.ts";
import { databaseContext, runContext } from "../support/database-context.ts";

/** How long anything may take on a machine that is busy. */
const patienceMs = 60_000;

let folder: string;
let live: string;
let staging: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-sqlite-"));
  await chmod(folder, 0o755);
  live = join(folder, "live", "shop.db");
  staging = join(folder, "staging");
  await mkdir(join(folder, "live"));
  await mkdir(staging);
});
afterEach(() => rm(folder, { recursive: true }));

async function opened(path = live, options: { waitSeconds?: number; executor?: Executor } = {}): Promise<Database> {
  const spec = sqliteSpec.parse({
    path,
    ...(options.waitSeconds === undefined ? {} : { wait_seconds: options.waitSeconds }),
  });
  return await sqlite.open(spec, await databaseContext(folder, "shop", options.executor));
}

async function dumped(database: Database, run = runContext()): Promise<DumpProof> {
  const pin = await database.pin(run);
  return await database.dump(pin, { folder: staging }, run);
}

/** Two tables of `rows` rows of 1 kB each, whose amounts add up to nothing. */
function make(path: string, { rows = 100, journalMode = "delete", pageSize = 4096 } = {}): void {
  const db = new Driver(path);
  db.pragma(`page_size = ${pageSize}`);
  db.pragma(`journal_mode = ${journalMode}`);
  db.exec("CREATE TABLE debits (id INTEGER PRIMARY KEY, amount INTEGER, note BLOB DEFAULT (randomblob(1000)))");
  db.exec("CREATE TABLE credits (id INTEGER PRIMARY KEY, amount INTEGER, note BLOB DEFAULT (randomblob(1000)))");
  const fill = db.transaction(() => {
    for (let row = 0; row < rows; row += 1) {
      db.prepare("INSERT INTO debits (amount) VALUES (?)").run(-row);
      db.prepare("INSERT INTO credits (amount) VALUES (?)").run(row);
    }
  });
  fill();
  db.close();
}

function rowsOf(path: string): { sum: number; debits: number; credits: number } {
  const db = new Driver(path, { readonly: true });
  const one = (sql: string): number => Number(db.prepare(sql).pluck().get());
  const found = {
    sum: one("SELECT (SELECT total(amount) FROM debits) + (SELECT total(amount) FROM credits)"),
    debits: one("SELECT count(*) FROM debits"),
    credits: one("SELECT count(*) FROM credits"),
  };
  db.close();
  return found;
}

interface Writer {
  /** How many transactions it has committed so far. */
  commits(): Promise<number>;
  /** Ends it, and gives the number of all. */
  end(): Promise<number>;
}

/** A second process that writes at full speed until it is ended. */
async function startWriter(journalMode: string): Promise<Writer> {
  const program = join(import.meta.dirname, "../support/sqlite-writer.mjs");
  const child = spawn(process.execPath, [program, live, journalMode], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  onTestFinished(async () => {
    child.stdin.end();
    await closed;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async (): Promise<string> => String((await lines.next()).value);
  expect(await heard()).toBe("ready");
  return {
    async commits() {
      child.stdin.write("?");
      return Number(await heard());
    },
    async end() {
      child.stdin.end();
      const commits = Number(await heard());
      await closed;
      return commits;
    },
  };
}

describe("under a writer at full speed", () => {
  test.each(["wal", "delete"])("copies one moment and lets the writer go on (%s)", async (journalMode) => {
    // More than one step of the backup API, 16 MB each.
    make(live, { rows: 12_000, journalMode });
    const writer = await startWriter(journalMode);
    const database = await opened();
    const run = runContext();
    const pin = await database.pin(run);
    const pinned = await writer.commits();
    await expect.poll(() => writer.commits(), { timeout: patienceMs }).toBeGreaterThan(pinned);
    const proof = await database.dump(pin, { folder: staging }, run);
    const commits = await writer.end();
    const copy = rowsOf(join(staging, "shop.sqlite"));
    expect(copy.sum).toBe(0);
    expect(copy.debits).toBe(copy.credits);
    expect(copy.debits).toBeLessThanOrEqual(12_000 + pinned);
    expect(proof.counts).toEqual({ debits: copy.debits, credits: copy.credits });
    expect(proof.bytes).toBe((await stat(join(staging, "shop.sqlite"))).size);
    expect(rowsOf(live).debits).toBe(12_000 + commits);
  });

  test("a pin that waits for its dump does not keep the writer from writing", async () => {
    make(live, { journalMode: "delete" });
    const database = await opened();
    const run = runContext();
    const pin = await database.pin(run);
    const writer = new Driver(live, { timeout: 0 });
    writer.exec("INSERT INTO debits (amount) VALUES (5)");
    writer.close();
    const proof = await database.dump(pin, { folder: staging }, run);
    expect(proof.counts).toEqual({ debits: 100, credits: 100 });
  });
});

test("what was committed after the pin is not in the dump", async () => {
  make(live, { journalMode: "wal" });
  const database = await opened();
  const run = runContext();
  const pin = await database.pin(run);
  const writer = new Driver(live);
  writer.exec("INSERT INTO debits (amount) VALUES (5)");
  const proof = await database.dump(pin, { folder: staging }, run);
  expect(proof.counts).toEqual({ debits: 100, credits: 100 });
  expect(await database.count()).toEqual({ debits: 101, credits: 100 });
  writer.close();
});

test("keeps the page size, and leaves only the copy and what belongs to it", async () => {
  make(live, { journalMode: "wal", pageSize: 8192 });
  const proof = await dumped(await opened());
  expect(proof.files.map(({ name }) => name)).toEqual(["shop.sqlite", "shop.json"]);
  expect((await readdir(staging)).sort()).toEqual(["shop.json", "shop.sqlite"]);
  expect(await readdir(join(folder, "scratch-shop"))).toEqual([]);
  expect(JSON.parse(await readFile(join(staging, "shop.json"), "utf8"))).toMatchObject({
    page_size: 8192,
    journal_mode: "wal",
  });
});

test("a dry run reads and checks everything and leaves nothing", async () => {
  make(live);
  const database = await opened();
  const run = runContext();
  const proof = await database.dump(await database.pin(run), "nowhere", run);
  expect(proof).toMatchObject({ files: [], counts: { debits: 100, credits: 100 } });
  expect(proof.bytes).toBeGreaterThan(100_000);
  expect(await readdir(join(folder, "scratch-shop"))).toEqual([]);
  expect(await readdir(join(folder, "live"))).toEqual(["shop.db"]);
});

test("leaves the main file and its companions out of the plain files", async () => {
  const { leaveOut } = (await opened("/srv/app/a.db")).footprint();
  expect(leaveOut).toEqual(["/srv/app/a.db", "/srv/app/a.db-wal", "/srv/app/a.db-shm", "/srv/app/a.db-journal"]);
});

describe("refuses, and says why", () => {
  test("a path that is missing", async () => {
    await expect((await opened()).probe()).rejects.toMatchObject({ code: "HF_SQLITE_MISSING" });
  });

  test("a file that is no SQLite database, and an empty one", async () => {
    await writeFile(live, "just some text, longer than a header");
    await expect((await opened()).probe()).rejects.toMatchObject({ code: "HF_SQLITE_NOT_A_DATABASE" });
    await writeFile(live, "");
    await expect((await opened()).pin(runContext())).rejects.toMatchObject({ code: "HF_SQLITE_NOT_A_DATABASE" });
  });

  test("a damaged database, and leaves no copy", async () => {
    make(live, { rows: 2000 });
    const handle = await open(live, "r+");
    await handle.write(Buffer.alloc(40_000, 0x5a), 0, 40_000, 400_000);
    await handle.close();
    await expect(dumped(await opened())).rejects.toMatchObject({ code: "HF_DATABASE_CORRUPT" });
    expect(await readdir(staging)).toEqual([]);
    expect(await readdir(join(folder, "scratch-shop"))).toEqual([]);
  });

  test("a database that stays locked longer than it was told to wait", async () => {
    make(live);
    const holder = new Driver(live);
    holder.exec("BEGIN EXCLUSIVE");
    await expect((await opened(live, { waitSeconds: 1 })).pin(runContext())).rejects.toMatchObject({
      code: "HF_SQLITE_LOCKED",
      problem: { params: { seconds: "1" } },
    });
    holder.close();
  });

  test("a WAL database in a folder that it may not write to", async () => {
    make(live, { journalMode: "wal" });
    await chmod(live, 0o444);
    await chmod(join(folder, "live"), 0o555);
    const device = localDevice();
    const asNobody: Executor = {
      wrap: (command) => device.wrap(command),
      run: (command, io) => device.run({ ...command, user: "nobody" }, io),
    };
    const executor = process.getuid?.() === 0 ? asNobody : device;
    await expect((await opened(live, { executor })).pin(runContext())).rejects.toMatchObject({
      code: "HF_SQLITE_UNREADABLE",
    });
    await chmod(join(folder, "live"), 0o755);
  });

  test("a database whose last writer died in the middle of a transaction", async () => {
    make(live, { rows: 2000 });
    const died = spawn(
      process.execPath,
      [
        "-e",
        `const db = new (require("better-sqlite3"))(${JSON.stringify(live)}); db.pragma("cache_size = 1");
       db.exec("BEGIN; UPDATE debits SET amount = 7, note = randomblob(1000)"); process.kill(process.pid, "SIGKILL")`,
      ],
      { cwd: join(import.meta.dirname, "../..") },
    );
    await once(died, "close");
    expect(await readdir(join(folder, "live"))).toContain("shop.db-journal");
    await expect((await opened()).pin(runContext())).rejects.toMatchObject({ code: "HF_SQLITE_HOT_JOURNAL" });
  });
});

test("waits for a lock that is given back", async () => {
  make(live);
  const holder = new Driver(live);
  holder.exec("BEGIN EXCLUSIVE");
  const pinning = (await opened()).pin(runContext());
  holder.exec("COMMIT");
  holder.close();
  const pin = await pinning;
  await pin.release();
  await pin.release();
});

test("rows that point nowhere are a warning", async () => {
  make(live);
  const db = new Driver(live);
  db.pragma("foreign_keys = off");
  db.exec("CREATE TABLE notes (debit INTEGER REFERENCES debits (id)); INSERT INTO notes VALUES (987654)");
  db.close();
  const { warnings } = await dumped(await opened());
  expect(warnings).toEqual([{ code: "HF_SQLITE_FOREIGN_KEYS", params: { database: "shop", count: "1" } }]);
});

test("an app's own collation does not keep its database from being dumped", async () => {
  make(live);
  const db = new Driver(live);
  db.unsafeMode();
  db.exec("CREATE TABLE titles (name TEXT); CREATE INDEX by_name ON titles (name); INSERT INTO titles VALUES ('a')");
  db.exec("PRAGMA writable_schema = on");
  db.exec(
    "UPDATE sqlite_schema SET sql = 'CREATE INDEX by_name ON titles (name COLLATE icu_root)' WHERE name = 'by_name'",
  );
  db.close();
  const { warnings, counts } = await dumped(await opened());
  expect(warnings.map(({ code }) => code)).toEqual(["HF_SQLITE_PARTLY_CHECKED"]);
  expect(counts).toEqual({ debits: 100, credits: 100, titles: 1 });
});

test("a cancel ends the reading process and leaves no file", async () => {
  make(live, { rows: 20_000, journalMode: "wal" });
  const cancel = new AbortController();
  const database = await opened();
  const run = runContext(cancel.signal);
  const pin = await database.pin(run);
  const dumping = database.dump(pin, { folder: staging }, run);
  cancel.abort();
  await expect(dumping).rejects.toMatchObject({ name: "AbortError" });
  expect(await readdir(staging)).toEqual([]);
});

test("a reading process that is killed in the middle fails the dump by name and leaves no file", async () => {
  make(live, { rows: 20_000, journalMode: "wal" });
  const database = await opened();
  const run = runContext();
  const pin = await database.pin(run);
  const dumping = database.dump(pin, { folder: staging }, run);
  for (const pid of orphansOf(thisProcess())) process.kill(pid, "SIGKILL");
  await expect(dumping).rejects.toMatchObject({ code: "HF_DUMP_FAILED", message: expect.stringContaining("SIGKILL") });
  expect(await readdir(staging)).toEqual([]);
});

describe("load", () => {
  test("puts the copy back with owner and mode, into folders that it makes", async () => {
    make(live);
    await chmod(live, 0o640);
    const root = process.getuid?.() === 0;
    if (root) await chown(live, 12_345, 12_346);
    const { counts } = await dumped(await opened());
    await rm(join(folder, "live"), { recursive: true });
    const report = await (await opened()).load(staging, counts, runContext());
    expect(report).toEqual({ counts, mismatches: [], warnings: [] });
    const { mode, uid, gid } = await stat(live);
    expect(mode & 0o777).toBe(0o640);
    expect([uid, gid]).toEqual(root ? [12_345, 12_346] : [process.getuid?.(), process.getgid?.()]);
    expect(await readdir(join(folder, "live"))).toEqual(["shop.db"]);
    expect(rowsOf(live)).toEqual({ sum: 0, debits: 100, credits: 100 });
  });

  test("moves a left-over -wal away, so that it cannot change what was restored", async () => {
    make(live, { journalMode: "wal" });
    const { counts } = await dumped(await opened());
    const later = new Driver(live);
    later.exec("DELETE FROM debits");
    const [wal, shm] = [await readFile(`${live}-wal`), await readFile(`${live}-shm`)];
    later.close();
    await writeFile(`${live}-wal`, wal);
    await writeFile(`${live}-shm`, shm);
    await (await opened()).load(staging, counts, runContext());
    expect(await readdir(join(folder, "live"))).toEqual(["shop.db"]);
    expect(rowsOf(live)).toEqual({ sum: 0, debits: 100, credits: 100 });
  });

  test("goes to another path when it is opened with another spec", async () => {
    make(live);
    const { counts } = await dumped(await opened());
    const other = join(folder, "elsewhere", "deep", "copy.db");
    await (await opened(other)).load(staging, counts, runContext());
    expect(rowsOf(other).debits).toBe(100);
  });

  test.each([
    [
      "a copy that is cut off",
      async (): Promise<void> => {
        const whole = await readFile(join(staging, "shop.sqlite"));
        await writeFile(join(staging, "shop.sqlite"), whole.subarray(0, whole.length / 2));
      },
    ],
    ["a copy that is gone", (): Promise<void> => rm(join(staging, "shop.sqlite"))],
    [
      "a copy with other rows",
      async (): Promise<void> => {
        const db = new Driver(join(staging, "shop.sqlite"));
        db.exec("DELETE FROM debits WHERE id = 1");
        db.close();
      },
    ],
  ])("leaves what was there after %s", async (_what, spoil) => {
    make(live);
    const { counts } = await dumped(await opened());
    const db = new Driver(live);
    db.exec("DELETE FROM credits");
    db.close();
    await spoil();
    await expect((await opened()).load(staging, counts, runContext())).rejects.toMatchObject({
      code: "HF_LOAD_FAILED",
    });
    expect(rowsOf(live)).toMatchObject({ debits: 100, credits: 0 });
    expect(await readdir(join(folder, "live"))).toEqual(["shop.db"]);
  });
});
