import { open, type FileHandle } from "node:fs/promises";
import { failure } from "../../../base/errors/error.ts";
import type { Counts } from "../../../domain/database.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import type { RedisConnection } from "./connection.ts";

/** RDB's opcode that says how many keys a database holds: it follows the one that names the database (rdb.h). */
const resizeDb = 0xfb;

/**
 * Lets redis-check-rdb read an RDB file to its end and compare its checksum; gives the keys per database, which must
 * add up to the keys that were read. Throws HF_DUMP_INCOMPLETE.
 */
export async function checkRdb(connection: RedisConnection, path: string, signal: AbortSignal): Promise<Counts> {
  const { tools, executor, name } = connection;
  const sections: { database: string; offset: number }[] = [];
  let keys: number | undefined;
  let sound = false;
  let trouble: string | undefined;
  const onLine = (line: string): void => {
    const section = /^\[offset (\d+)\] Selecting DB ID (\d+)/.exec(line);
    if (section !== null) sections.push({ offset: Number(section[1]), database: `db${section[2]}` });
    keys ??= numberIn(/^\[info\] (\d+) keys read/.exec(line));
    sound ||= line.includes("RDB looks OK");
    trouble ??= /^\[offset \d+\] ((?!Checking|AUX|Selecting|Checksum OK).*)$/.exec(line)?.[1];
  };
  const exit = await executor.run({ argv: [tools.path("check-rdb"), path], env: { LC_ALL: "C" } }, { onLine, signal });
  if (exit.code !== 0 || !sound) {
    const detail =
      exit.code === 0 ? "redis-check-rdb did not find its end" : (trouble ?? exitDetail("redis-check-rdb", exit));
    throw failure("HF_DUMP_INCOMPLETE", { database: name, detail });
  }
  const counts = await sectionCounts(path, sections);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (keys !== undefined && total !== keys) {
    const detail = `it announces ${total} keys and holds ${keys}`;
    throw failure("HF_DUMP_INCOMPLETE", { database: name, detail });
  }
  return counts;
}

const numberIn = (match: RegExpExecArray | null): number | undefined => (match === null ? undefined : Number(match[1]));

async function sectionCounts(path: string, sections: { database: string; offset: number }[]): Promise<Counts> {
  const file = await open(path, "r");
  try {
    const counts: Counts = {};
    for (const { database, offset } of sections) counts[database] = await keysAt(file, offset);
    return counts;
  } finally {
    await file.close();
  }
}

/** The number after the opcode, in RDB's length encoding: 6, 14, 32 or 64 bits. */
async function keysAt(file: FileHandle, offset: number): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(10), 0, 10, offset);
  if (buffer[0] !== resizeDb) return 0;
  const first = buffer[1] ?? 0;
  if (first >> 6 === 0) return first & 0x3f;
  if (first >> 6 === 1) return ((first & 0x3f) << 8) | (buffer[2] ?? 0);
  return first === 0x81 ? Number(buffer.readBigUInt64BE(2)) : buffer.readUInt32BE(2);
}
