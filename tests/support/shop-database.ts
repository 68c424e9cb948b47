import { createHash } from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll } from "vitest";
import { mysql } from "../../src/adapters/databases/mysql/mysql.ts";
import { mysqlSpec } from "../../src/adapters/databases/mysql/spec.ts";
import { localDevice } from "../../src/adapters/devices/local.ts";
import type { Command, Executor } from "../../src/base/process/command.ts";
import type { Database } from "../../src/domain/database.ts";
import { databaseContext } from "./database-context.ts";
import { servers } from "./servers.ts";

/** Runs statements as the administrator, apart from what is tested. */
export function sql(statements: string, database = ""): string {
  const { argv, env } = client(database);
  const [program = "", ...args] = argv;
  const { status, stdout, stderr } = spawnSync(program, args, { input: statements, encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd();
}

function client(database: string): { argv: string[]; env: NodeJS.ProcessEnv } {
  const { host, port, user, password } = servers().mariadb;
  const login = ["-h", host, "-P", String(port), "-u", user];
  const argv = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-N", "-B", "--unbuffered", ...login];
  return { argv: database === "" ? argv : [...argv, database], env: { ...process.env, MYSQL_PWD: password } };
}

/** A session of the administrator that stays open, and holds what its statements have taken, until it is released. */
async function hold(statements: string, database = ""): Promise<{ release(): Promise<void> }> {
  const { argv, env } = client(database);
  const [program = "", ...args] = argv;
  const session = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(session, "close");
  session.stdin.write(`${statements};\n`);
  await once(session.stdout, "data");
  return {
    release: async () => {
      session.stdin.end();
      await ended;
    },
  };
}

/** Reads a table in a transaction, which keeps it from being renamed until that is released. */
export function holdShared(database: string, table: string): Promise<{ release(): Promise<void> }> {
  return hold(`BEGIN; SELECT COUNT(*) FROM \`${table}\``, database);
}

/** Files of tests that use the same names on the one server take turns, when several run at once. */
export function takeTurns(): void {
  const turnSeconds = 900;
  let turn: { release(): Promise<void> } | undefined;
  beforeAll(async () => {
    turn = await hold(`SELECT GET_LOCK('holdfast tests', ${turnSeconds})`);
  }, turnSeconds * 1000);
  afterAll(() => turn?.release());
}

/** Removes the databases that tests make: their names begin with hf. */
export function dropTestDatabases(): void {
  const names = sql("SHOW DATABASES LIKE 'hf%'").split("\n");
  for (const name of names.filter((line) => line !== "")) sql(`DROP DATABASE \`${name}\``);
}

/** Every command that was run, with its environment, so that a test can look for secrets in them. */
export const commandsRun: string[] = [];

function watched(): Executor {
  const device = localDevice();
  const noted = (command: Command): Command => {
    commandsRun.push(JSON.stringify({ argv: command.argv, env: device.wrap(command).env }));
    return command;
  };
  return { wrap: (command) => device.wrap(command), run: (command, io) => device.run(noted(command), io) };
}

/** A database of the test server, opened by the spec with these additions. */
export async function openShop(
  folder: string,
  more: Record<string, unknown> = { database: "hf_shop" },
): Promise<Database> {
  const { mariadb } = servers();
  const { host, port, user: username, password } = mariadb;
  const spec = mysqlSpec.parse({ host, port, username, password, ...more });
  return await mysql.open(spec, await databaseContext(folder, "shop", watched()));
}

const awkward = [
  "CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, name TEXT CHARACTER SET utf8mb4, bytes BLOB, twice INT AS (id * 2) VIRTUAL)",
  "CREATE TABLE children (id INT PRIMARY KEY, parent INT NOT NULL, CONSTRAINT up FOREIGN KEY (parent) REFERENCES parents (id))",
  "CREATE TABLE `we``ird VALUES (` (`a;b` VARCHAR(50))",
  "CREATE TABLE empty_one (id INT)",
  "CREATE SEQUENCE numbers START WITH 500",
  String.raw`INSERT INTO parents (name, bytes) VALUES ('it''s (a); "test"\n\r\\', 0x00ff27), (NULL, NULL), ('🦊 ),(', '')`,
  "INSERT INTO children VALUES (1, 1), (2, 3)",
  String.raw`INSERT INTO ${"`we``ird VALUES (`"} VALUES ('(;'), ('\\'), ('\'),(\''), (NULL)`,
  "CREATE VIEW named AS SELECT id, name FROM parents WHERE name IS NOT NULL",
  "CREATE VIEW above AS SELECT COUNT(*) AS n FROM named",
  "CREATE TABLE log (line TEXT)",
  "CREATE TRIGGER noted AFTER INSERT ON children FOR EACH ROW INSERT INTO log VALUES ('child')",
  "CREATE EVENT cleaning ON SCHEDULE EVERY 1 DAY DO DELETE FROM log",
  "CREATE FUNCTION twice (n INT) RETURNS INT DETERMINISTIC RETURN n * 2",
].join(";\n");
const routine = `DELIMITER ;;
CREATE PROCEDURE fill()
BEGIN
INSERT INTO \`log\` VALUES ('one'),
('two');
END;;
DELIMITER ;`;

/** A database with everything that is awkward to dump. */
export function makeShop(database = "hf_shop"): void {
  sql(`CREATE DATABASE ${database} CHARACTER SET latin2 COLLATE latin2_general_ci`);
  sql(`${awkward};\n${routine}`, database);
}

/** Everything in a database, as text that does not depend on its name. */
export function fingerprint(database: string): string {
  const { mariadb } = servers();
  const text = spawnSync(
    "mariadb-dump",
    [
      "--no-defaults",
      "-h",
      mariadb.host,
      "-P",
      String(mariadb.port),
      "-u",
      mariadb.user,
      "--routines",
      "--events",
      "--hex-blob",
      "--skip-comments",
      database,
    ],
    { encoding: "utf8", env: { ...process.env, MYSQL_PWD: mariadb.password } },
  );
  if (text.status !== 0) throw new Error(text.stderr);
  const settings = sql(
    `SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = '${database}'`,
  );
  return createHash("sha256").update(text.stdout).update(settings).digest("hex");
}

/** The rows of that database. */
export const shopCounts = { children: 2, empty_one: 0, log: 0, parents: 3, "we`ird VALUES (": 4 };
