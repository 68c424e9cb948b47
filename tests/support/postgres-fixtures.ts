import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client, type ClientConfig } from "pg";
import { expect, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/databases/registry.ts";
import type { HoldfastError } from "../../src/base/errors/error.ts";
import type { Executor } from "../../src/base/process/command.ts";
import type { Database, DumpProof, DumpTarget } from "../../src/domain/database.ts";
import { databaseContext, runContext } from "./database-context.ts";
import { testFolder } from "./folders.ts";
import type { PostgresDetails } from "./postgres.ts";
import { psql } from "./psql.ts";
import type { Server } from "./server.ts";

const run = promisify(execFile);

/** How long a program may take to start on a machine that is busy. */
const patienceMs = 60_000;

const fresh = (): string => `shop_${randomUUID().slice(0, 8)}`;

/** A database as people have them, with what is easily lost. Gives its name, which its two roles share. */
export async function awkwardDatabase(source: Server<PostgresDetails>): Promise<string> {
  const name = fresh();
  await psql(
    source.details,
    "postgres",
    `
    CREATE ROLE "${name} owner" LOGIN PASSWORD 'app''s "secret"' CONNECTION LIMIT 7;
    CREATE ROLE "${name}_reader" NOLOGIN;
    GRANT "${name}_reader" TO "${name} owner";
    ALTER ROLE "${name} owner" SET statement_timeout = '17s';
    CREATE DATABASE "${name}" OWNER "${name} owner" TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C';
    ALTER DATABASE "${name}" SET work_mem = '7MB';
    GRANT CONNECT ON DATABASE "${name}" TO "${name}_reader";`,
  );
  await psql(
    source.details,
    name,
    `
    CREATE EXTENSION pg_trgm; CREATE EXTENSION citext;
    CREATE SCHEMA "odd ""schema; --"; ALTER SCHEMA "odd ""schema; --" OWNER TO "${name} owner";
    CREATE TABLE "odd ""schema; --"."Wörld; FROM stdin;" (id serial PRIMARY KEY, "a ""b" text, raw bytea, mail citext);
    ALTER TABLE "odd ""schema; --"."Wörld; FROM stdin;" OWNER TO "${name} owner";
    INSERT INTO "odd ""schema; --"."Wörld; FROM stdin;" ("a ""b", raw, mail) VALUES
      ('quote '' and " and \\ and' || E'\\n\\\\.\\n' || 'dot', '\\x00ff10', 'A@b.c'), ('日本語 🦫', NULL, NULL), ('', '', '');
    CREATE TABLE public.events (id bigint, day date, note text) PARTITION BY RANGE (day);
    CREATE TABLE public.events_1 PARTITION OF public.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE public.events_2 PARTITION OF public.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    INSERT INTO public.events SELECT g, date '2024-01-01' + g % 700, md5(g::text) FROM generate_series(1, 5000) g;
    CREATE INDEX ON public.events USING gin (note gin_trgm_ops);
    CREATE TABLE public.empty (id int);
    CREATE VIEW public.recent AS SELECT * FROM public.events WHERE day > '2025-06-01';
    GRANT SELECT ON public.recent TO "${name}_reader";
    CREATE FUNCTION public.tell(x int) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  -- ALTER DATABASE "${name}" is only text; COPY too FROM stdin;
  RETURN 'told; ' || x;
END $body$;
    CREATE SEQUENCE public.numbers START 40; SELECT nextval('public.numbers');
    SELECT lo_from_bytea(424242, '\\xdeadbeef');`,
  );
  return name;
}

/** Everything that must come back, in one text: rows, definitions, owners, rights, settings. */
export async function portrait(server: PostgresDetails, name: string): Promise<string> {
  return [
    await psql(
      server,
      name,
      `
      SELECT * FROM "odd ""schema; --"."Wörld; FROM stdin;" ORDER BY id;
      SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM public.events e;
      SELECT count(*) FROM public.recent; SELECT public.tell(3); SELECT lo_get(424242);
      SELECT last_value, is_called FROM public.numbers;
      SELECT extname, extversion FROM pg_extension ORDER BY 1;
      SELECT n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relacl FROM pg_class c
        JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname !~ '^(pg_|information)' ORDER BY 1, 2;
      SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datacl
        FROM pg_database WHERE datname = current_database();
      SHOW work_mem`,
    ),
    await psql(
      server,
      "postgres",
      `
      SELECT rolname, rolcanlogin, rolconnlimit, rolpassword, rolconfig FROM pg_authid a
        LEFT JOIN LATERAL (SELECT setconfig AS rolconfig FROM pg_db_role_setting WHERE setrole = a.oid AND setdatabase = 0) s ON true
        WHERE rolname LIKE '${name}%' ORDER BY 1;
      SELECT roleid::regrole, member::regrole FROM pg_auth_members WHERE roleid::regrole::text LIKE '%${name}%'`,
    ),
  ].join("\n");
}

/** Lets a server know an extension `places`, whose table comes with two rows and keeps those that others add. */
export async function offerExtension(server: Server<PostgresDetails>, folder: string): Promise<void> {
  const { binFolder } = server.details;
  const { stdout } = await run(join(binFolder, "pg_config"), ["--sharedir"]);
  const extensions = join(folder, stdout.trim(), "extension");
  await mkdir(extensions, { recursive: true });
  await writeFile(join(extensions, "places.control"), "default_version = '1'\n");
  await writeFile(
    join(extensions, "places--1.sql"),
    `CREATE TABLE places (id int, name text); INSERT INTO places VALUES (1, 'given'), (2, 'given');
     SELECT pg_catalog.pg_extension_config_dump('places', 'WHERE id > 2')`,
  );
  // Debian's own setting: a folder in front of all paths of extensions.
  await psql(server.details, "postgres", `ALTER SYSTEM SET extension_destdir = '${folder}'`);
  await psql(server.details, "postgres", "SELECT pg_reload_conf()");
}

export async function open(
  server: PostgresDetails,
  spec: Record<string, unknown>,
  name = "shop",
  executor?: Executor,
): Promise<Database> {
  const { host, port, superuser, password } = server;
  return await openDatabase(
    { name, type: "postgres", spec: { host, port, username: superuser, password, ...spec } },
    await databaseContext(testFolder(), name, executor),
  );
}

/** A connection that holds a lock on a table against every reader, until it is released or the test has ended. */
export async function holdLock(
  server: PostgresDetails,
  database: string,
  table = "public.empty",
): Promise<{ release(): Promise<void> }> {
  const client = new Client({ ...login(server), database });
  // It may be ended by the server, on purpose.
  client.on("error", () => undefined);
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  let released: Promise<void> | undefined;
  const release = (): Promise<void> => (released ??= client.end().catch(() => undefined));
  // A test that fails must not keep those after it waiting, which dump the whole server.
  onTestFinished(release);
  return { release };
}

const login = ({ host, port, superuser, password }: PostgresDetails): ClientConfig => ({
  host,
  port,
  user: superuser,
  password,
});

/** The process of a client program that is connected to a database; waits for it to start. */
export async function pidOf(program: string, database: string): Promise<number> {
  let found: number | undefined;
  await expect
    .poll(
      async () => {
        found = await processWith(program, `PGDATABASE=${database}`);
        return found;
      },
      { timeout: patienceMs, interval: 20 },
    )
    .toBeDefined();
  return found ?? 0;
}

async function processWith(program: string, variable: string): Promise<number | undefined> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [argv, environment] = await Promise.all(
      ["cmdline", "environ"].map(async (file) =>
        (await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")).split("\0"),
      ),
    );
    if (argv?.[0]?.endsWith(`/${program}`) === true && environment?.includes(variable) === true) return Number(pid);
  }
  return undefined;
}

/** A database whose last step of loading fails on the other server: what fills a view divides by zero there. */
export async function unloadableDatabase(
  source: Server<PostgresDetails>,
  other: Server<PostgresDetails>,
): Promise<string> {
  const name = await awkwardDatabase(source);
  const divisor = `(current_setting('port')::int - ${other.details.port})`;
  await psql(source.details, name, `CREATE MATERIALIZED VIEW public.only_here AS SELECT 1 / ${divisor} AS one`);
  onTestFinished(async () => void (await psql(source.details, "postgres", `DROP DATABASE "${name}" WITH (FORCE)`)));
  return name;
}

/** Not a client: a program that only claims the version of an old one, in a folder with links to the real tools. */
export async function fakeOldClient(server: PostgresDetails): Promise<string> {
  const tools = testFolder();
  for (const tool of ["psql", "pg_restore", "pg_dumpall"])
    await symlink(join(server.binFolder, tool), join(tools, tool));
  await writeFile(join(tools, "pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n", { mode: 0o755 });
  return tools;
}

export async function dumped(database: Database, into: DumpTarget): Promise<DumpProof> {
  const run = runContext();
  const pin = await database.pin(run);
  try {
    return await database.dump(pin, into, run);
  } finally {
    await pin.release();
  }
}

export const codeOf = async (doing: Promise<unknown>): Promise<string> =>
  await doing.then(
    () => "no failure",
    (error: HoldfastError) => error.code ?? String(error),
  );
