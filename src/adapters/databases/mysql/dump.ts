import { writeFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { failure, problem, type Problem } from "../../../base/errors/error.ts";
import type { DumpProof, DumpTarget } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { dumpProgress } from "../shared/dump-progress.ts";
import { commitFile } from "../../../base/files/atomic.ts";
import { writeDump } from "../shared/write-dump.ts";
import { DumpScanner, type ScannedDump } from "./dump-scanner.ts";
import type { MysqlPin } from "./pin.ts";
import { hiddenFrom } from "./rights.ts";
import { withoutSandboxLine } from "./sandbox-line.ts";
import { settingsOf, type DatabaseSettings } from "./server.ts";
import type { Sidecar } from "./sidecar.ts";

/** Lets the pinned dump flow, reads it to its end while it is written, and proves it complete. */
export async function dumpMysql(pin: MysqlPin, into: DumpTarget, run: RunContext): Promise<DumpProof> {
  const started = performance.now();
  const { connection, facts } = pin.server;
  const { name } = connection.context;
  try {
    const settings = await settingsOf(connection, pin.databases);
    const hidden = await hiddenFrom(connection, pin.databases);
    const scanner = new DumpScanner(connection.spec.all);
    let scanned: ScannedDump | undefined;
    const written = await writeDump({
      database: name,
      target: into,
      fileName: `${name}.sql`,
      signal: run.signal,
      produce: async (to) => {
        const flowing = pipeline(await pin.output(), withoutSandboxLine(), to);
        const [ended, flowed] = await Promise.allSettled([pin.finished, flowing]);
        // The program's own words first: that its output broke off is only what follows.
        if (ended.status === "rejected") throw ended.reason;
        if (flowed.status === "rejected") throw flowed.reason;
      },
      readers: [
        async (source) => {
          for await (const chunk of source) scanner.push(Buffer.from(chunk));
          scanned = scanner.end();
          requireComplete(name, scanned, pin.databases);
        },
      ],
      onBytes: dumpProgress(run, name, sum(settings)),
    });
    if (scanned === undefined) throw failure("HF_DUMP_INCOMPLETE", { database: name, detail: "it was not read" });
    const sidecar = sidecarOf(facts.versionText, written.bytes, scanned, settings);
    return {
      files: into === "nowhere" ? [] : [written, await writeSidecar(into.folder, name, sidecar)],
      format: "sql",
      engine: facts.version.flavour,
      serverVersion: facts.version.number,
      clientVersion: connection.tools.version.number,
      bytes: written.bytes,
      counts: scanned.counts,
      warnings: [...looseTables(name, settings), ...hidden],
      durationMs: performance.now() - started,
    };
  } finally {
    await pin.release();
  }
}

/** What of the settings is a warning: tables that the transaction does not hold still. */
export function looseTables(database: string, settings: readonly DatabaseSettings[]): Problem[] {
  const tables = settings.flatMap(({ name, loose }) =>
    settings.length > 1 ? loose.map((table) => `${name}.${table}`) : loose,
  );
  return tables.length === 0 ? [] : [problem("HF_DUMP_NOT_TRANSACTIONAL", { database, tables: tables.join(", ") })];
}

export function sum(settings: readonly DatabaseSettings[]): number {
  return settings.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}

function requireComplete(database: string, scanned: ScannedDump, databases: readonly string[]): void {
  const missing = databases.filter((wanted) => !scanned.databases.some(({ name }) => name === wanted));
  const [withheld] = scanned.withheld;
  const detail =
    withheld ??
    (scanned.complete ? undefined : "its end mark is missing, so it was cut off") ??
    (missing.length > 0 ? `it lacks ${missing.join(", ")}` : undefined);
  if (detail !== undefined) throw failure("HF_DUMP_INCOMPLETE", { database, detail });
}

function sidecarOf(
  server: string,
  bytes: number,
  scanned: ScannedDump,
  settings: readonly DatabaseSettings[],
): Sidecar {
  return {
    server,
    bytes,
    preamble: scanned.preamble,
    databases: scanned.databases.map((each) => {
      const found = settings.find(({ name }) => name === each.name);
      return { ...each, charset: found?.charset ?? "utf8mb4", collation: found?.collation ?? "utf8mb4_general_ci" };
    }),
  };
}

async function writeSidecar(
  folder: string,
  database: string,
  sidecar: Sidecar,
): Promise<{ name: string; bytes: number }> {
  const name = `${database}.json`;
  const path = join(folder, name);
  const text = `${JSON.stringify(sidecar, undefined, 2)}\n`;
  try {
    await writeFile(`${path}.part`, text, { mode: 0o600 });
    await commitFile(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true });
    await rm(join(folder, `${database}.sql`), { force: true });
    throw failure(
      "HF_DUMP_FAILED",
      { database, detail: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  return { name, bytes: Buffer.byteLength(text) };
}
