import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, chown, mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { failure, HoldfastError } from "../../../base/errors/error.ts";
import type { Counts, DatabaseContext, LoadReport } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { describeMismatches, mismatchesOf } from "../shared/mismatches.ts";
import { judge } from "./errors.ts";
import { startReader } from "./reader.ts";
import { readSidecar, type Ownership } from "./sidecar.ts";
import { filesOf, type SqliteSpec } from "./spec.ts";
import { swapIn } from "./swap.ts";

/**
 * Puts a copy at `spec.path`. It is written and checked whole beside its place first; then the old main file and its
 * -wal, -shm and -journal are moved aside together, and the new file takes the name. The old files are removed at the
 * very end; after any failure they are back. The app must not run meanwhile.
 */
export async function loadSqlite(
  context: DatabaseContext,
  spec: SqliteSpec,
  from: string,
  expected: Counts,
  run: RunContext,
): Promise<LoadReport> {
  const id = randomBytes(4).toString("hex");
  const fresh = `${spec.path}.holdfast-new-${id}`;
  try {
    const sidecar = await readSidecar(join(from, `${context.name}.json`));
    await makeFolders(dirname(spec.path), sidecar.folder);
    await copyWhole(join(from, `${context.name}.sqlite`), fresh, context.name, run);
    await own(fresh, sidecar.file);
    const { counts, warnings } = await prove(context, { ...spec, path: fresh }, expected, run.signal);
    run.signal.throwIfAborted();
    await swapIn(fresh, spec.path, `${spec.path}.holdfast-before-${id}`, (moves) => context.owe(moves));
    return { counts, mismatches: [], warnings };
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof HoldfastError && error.code === "HF_LOAD_FAILED") throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw failure("HF_LOAD_FAILED", { database: context.name, detail }, { cause: error });
  } finally {
    for (const file of filesOf(fresh)) await rm(file, { force: true });
  }
}

async function prove(
  context: DatabaseContext,
  spec: SqliteSpec,
  expected: Counts,
  signal: AbortSignal,
): Promise<Pick<LoadReport, "counts" | "warnings">> {
  const reader = startReader(context, spec, "check", { signal });
  try {
    const checked = await reader.answer("checked");
    const warnings = judge(checked, context.name);
    const mismatches = mismatchesOf(expected, checked.counts);
    if (mismatches.length > 0) throw new Error(describeMismatches(mismatches));
    return { counts: checked.counts, warnings };
  } finally {
    await reader.end();
  }
}

async function copyWhole(from: string, to: string, subject: string, run: RunContext): Promise<void> {
  const bytesTotal = (await stat(from)).size;
  let bytesDone = 0;
  let told = performance.now();
  const meter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytesDone += chunk.length;
      if (performance.now() - told >= 500) {
        told = performance.now();
        run.emit({ type: "step-progress", step: { phase: "load", subject }, progress: { bytesDone, bytesTotal } });
      }
      done(null, chunk);
    },
  });
  const writing = createWriteStream(to, { flags: "wx", mode: 0o600, flush: true });
  await pipeline(createReadStream(from, { highWaterMark: 1024 * 1024 }), meter, writing, { signal: run.signal });
}

/** Makes what is missing of a folder; what it makes belongs to whom the live folder belonged. */
async function makeFolders(folder: string, as: Ownership): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await own(made, as);
}

/** Only root may give files away; for everybody else they stay their own. */
async function own(path: string, { mode, uid, gid }: Ownership): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, uid, gid);
  await chmod(path, mode);
}
