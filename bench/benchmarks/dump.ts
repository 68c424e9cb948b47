import { existsSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { postgres } from "../../src/adapters/databases/postgres/postgres.ts";
import { postgresSpec } from "../../src/adapters/databases/postgres/spec.ts";
import { databaseContext, runContext } from "../../tests/support/database-context.ts";
import { startPostgres, type PostgresDetails } from "../../tests/support/postgres.ts";
import { psql } from "../../tests/support/psql.ts";
import { ratio, type Benchmark, type Times } from "../benchmark.ts";
import { pair, quietDisk, systemEnvironment, timed, wall } from "../support/measure.ts";

const database = "bench";
/** Where Debian and its kin install them. */
const servers = "/usr/lib/postgresql";
const tables = 8;
/** Rows of this width and their primary key: about 8 million make 1 GB. */
const rowsPerGb = 7_000_000;

/** What it costs to know that a dump is complete. */
export const dump: Benchmark = {
  name: "dump",
  summary: "PostgreSQL of 1 GB until proven complete, against pg_dump -Fc -Z0 to a file",
  lacks: () => (existsSync(servers) ? undefined : `PostgreSQL server in ${servers}`),
  async run({ folder, rounds, quick, say }) {
    const server = await startPostgres(await made(join(folder, "server")));
    try {
      say("filling the database");
      const bytes = await fill(server.details, quick ? 8000 : rowsPerGb);
      say(`the database has ${(bytes / 1e9).toFixed(2)} GB`);
      const times: Times = { ours: [], theirs: [] };
      for (let round = 0; round < rounds; round += 1) {
        say(`round ${round + 1} of ${rounds}`);
        const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
        const before = async (): Promise<void> => {
          for (const path of [ours, theirs]) {
            await rm(path, { recursive: true, force: true });
            await mkdir(path);
          }
          await quietDisk();
        };
        const measured = await pair(
          round,
          async () => await wall(async () => await provenDump(server.details, ours)),
          async () => await plainDump(server.details, theirs),
          before,
        );
        times.ours.push(measured.ours);
        times.theirs.push(measured.theirs);
      }
      return [ratio("a dump until proven complete", 1.2, times)];
    } finally {
      await server.stop();
    }
  },
};

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Numbers, times and text, as applications keep them. Gives the size of the database in bytes. */
async function fill(server: PostgresDetails, rows: number): Promise<number> {
  await psql(server, "postgres", `CREATE DATABASE ${database}`);
  for (let table = 1; table <= tables; table += 1) {
    await psql(
      server,
      database,
      `CREATE TABLE notes_${table} (id bigint, at timestamptz, owner int, title text, body text);
       INSERT INTO notes_${table} SELECT id, '2026-01-01'::timestamptz + id * interval '1 second', id % 97,
         'note ' || id, md5(id::text) || md5((id + ${table})::text) FROM generate_series(1, ${rows / tables}) AS id;
       ALTER TABLE notes_${table} ADD PRIMARY KEY (id);`,
    );
  }
  await psql(server, database, "VACUUM ANALYZE");
  return Number(await psql(server, database, "CHECKPOINT; SELECT pg_database_size(current_database())"));
}

/** Holdfast's adapter, as a run uses it: look at the server, pin the moment, dump and prove. */
async function provenDump(server: PostgresDetails, folder: string): Promise<void> {
  const { host, port, superuser: username, password } = server;
  const spec = postgresSpec.parse({ host, port, database, username, password });
  const opened = await postgres.open(spec, await databaseContext(folder, database));
  const run = runContext();
  try {
    await opened.probe();
    const pin = await opened.pin(run);
    try {
      await opened.dump(pin, { folder }, run);
    } finally {
      await pin.release();
    }
  } finally {
    await opened.close();
  }
}

async function plainDump(server: PostgresDetails, folder: string): Promise<number> {
  const { host, port, superuser, password, binFolder } = server;
  await using file = await open(join(folder, "plain.dump"), "w");
  return await timed({
    argv: [join(binFolder, "pg_dump"), "-Fc", "-Z0", "-h", host, "-p", String(port), "-U", superuser, database],
    env: { ...systemEnvironment(), PGPASSWORD: password },
    stdoutFile: file.fd,
  });
}
