import { constants } from "node:fs";
import { copyFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DumpProof, DumpTarget } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { dumpProgress } from "../shared/dump-progress.ts";
import { commitFile } from "../../../base/files/atomic.ts";
import type { RedisConnection } from "./connection.ts";
import { checkRdb } from "./rdb-check.ts";
import type { RedisFacts } from "./server-facts.ts";
import type { RdbPin } from "./transfer.ts";

/** Name of the dump's file, by the declared name of the database. */
export const rdbName = (name: string): string => `${name}.rdb`;

/** Takes the RDB that the pin has asked for, proves it whole and counts its keys. Throws HF_DUMP_*. */
export async function dumpRdb(
  connection: RedisConnection,
  facts: RedisFacts,
  pin: RdbPin,
  target: DumpTarget,
  run: RunContext,
): Promise<DumpProof> {
  const started = performance.now();
  const { name, tools } = connection;
  const path = await pin.arrived(dumpProgress(run, name, facts.memoryBytes));
  const counts = await checkRdb(connection, path, run.signal);
  const { size: bytes } = await stat(path);
  const fileName = rdbName(name);
  if (target !== "nowhere") await keep(path, target.folder, fileName);
  return {
    files: target === "nowhere" ? [] : [{ name: fileName, bytes }],
    format: "rdb",
    engine: facts.engine,
    serverVersion: facts.version,
    clientVersion: tools.version,
    bytes,
    counts,
    warnings: [],
    durationMs: performance.now() - started,
  };
}

async function keep(path: string, folder: string, fileName: string): Promise<void> {
  const part = join(folder, `${fileName}.part`);
  try {
    await copyFile(path, part, constants.COPYFILE_FICLONE);
    await commitFile(part, join(folder, fileName));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
