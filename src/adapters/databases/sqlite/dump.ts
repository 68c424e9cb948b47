import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../../base/errors/error.ts";
import type { DatabaseContext, DumpProof, DumpTarget, Pin } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { dumpProgress } from "../shared/dump-progress.ts";
import { commitFile } from "../../../base/files/atomic.ts";
import { judge, meaningOf } from "./errors.ts";
import { ReaderFailure, startReader, type Opened, type Reader } from "./reader.ts";
import { sidecarOf } from "./sidecar.ts";
import { filesOf, type SqliteSpec } from "./spec.ts";

/** A moment held by a reader process. */
export interface SqlitePin extends Pin {
  reader: Reader;
  opened: Opened;
  spare: string;
}

/**
 * Opens the file read-only and fixes its moment. In WAL mode a read transaction is held, which blocks nobody. In the
 * rollback modes it would block every writer, so the copy is made here and now and the lock given back.
 */
export async function pinSqlite(context: DatabaseContext, spec: SqliteSpec, run: RunContext): Promise<SqlitePin> {
  const progress = dumpProgress(run, context.name);
  const spare = join(context.scratch, `${context.name}.pinned.sqlite`);
  const reader = startReader(context, spec, "pin", { spare, signal: run.signal, onProgress: progress });
  const release = async (): Promise<void> => {
    await reader.end();
    await remove(spare);
  };
  try {
    const opened = await reader.answer("opened");
    return { pinnedAt: run.clock.now(), release, reader, opened, spare };
  } catch (error) {
    await release();
    throw error instanceof ReaderFailure ? meaningOf(error, context.name, spec) : error;
  }
}

/** Copies the pinned moment, and proves the copy by reading it whole. */
export async function dumpSqlite(
  context: DatabaseContext,
  spec: SqliteSpec,
  pin: SqlitePin,
  into: DumpTarget,
  run: RunContext,
): Promise<DumpProof> {
  const started = performance.now();
  const folder = into === "nowhere" ? context.scratch : into.folder;
  const name = `${context.name}.sqlite`;
  const part = join(folder, `${name}.part`);
  const sidecarName = `${context.name}.json`;
  const sidecarPart = join(folder, `${sidecarName}.part`);
  try {
    run.signal.throwIfAborted();
    await remove(part);
    pin.reader.copyTo(part);
    const checked = await pin.reader.answer("checked");
    const warnings = judge(checked, context.name);
    const sidecar = `${JSON.stringify(await sidecarOf(spec.path, pin.opened), undefined, 2)}\n`;
    const files = [
      { name, bytes: checked.bytes },
      { name: sidecarName, bytes: Buffer.byteLength(sidecar) },
    ];
    if (into !== "nowhere") {
      await writeFile(sidecarPart, sidecar, { mode: 0o600 });
      await commitFile(part, join(folder, name));
      await commitFile(sidecarPart, join(folder, sidecarName));
    }
    return {
      files: into === "nowhere" ? [] : files,
      format: "sqlite",
      engine: "sqlite",
      serverVersion: pin.opened.version,
      clientVersion: pin.opened.version,
      bytes: checked.bytes,
      counts: checked.counts,
      warnings,
      durationMs: performance.now() - started,
    };
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof ReaderFailure) throw meaningOf(error, context.name, spec);
    throw asDumpFailure(error, context.name);
  } finally {
    await pin.release();
    await remove(part);
    await rm(sidecarPart, { force: true });
  }
}

function asDumpFailure(error: unknown, database: string): unknown {
  const fromFiles = error instanceof Error && "syscall" in error;
  return fromFiles ? failure("HF_DUMP_FAILED", { database, detail: error.message }, { cause: error }) : error;
}

async function remove(file: string): Promise<void> {
  for (const each of filesOf(file)) await rm(each, { force: true });
}
