import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PostgresDetails } from "./postgres.ts";

const run = promisify(execFile);

/** Runs statements as the server's superuser and gives what they print. */
export async function psql(server: PostgresDetails, database: string, sql: string): Promise<string> {
  const { host, port, superuser, password, binFolder } = server;
  const running = run(join(binFolder, "psql"), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"], {
    env: {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: superuser,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGCLIENTENCODING: "UTF8",
      PGOPTIONS: "-c client_min_messages=warning",
    },
  });
  running.child.stdin?.end(sql);
  return (await running).stdout.trim();
}
