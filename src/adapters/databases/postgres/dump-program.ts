import type { Readable, Writable } from "node:stream";
import { failure } from "../../../base/errors/error.ts";
import type { Command, Io } from "../../../base/process/command.ts";
import type { DumpTarget } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { dumpProgress } from "../shared/dump-progress.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { writeDump } from "../shared/write-dump.ts";
import { writeFollowed } from "../shared/write-followed.ts";
import type { PostgresServer } from "./server.ts";

export interface Written {
  name: string;
  bytes: number;
}

export interface DumpProgram {
  command: Command;
  target: DumpTarget;
  fileName: string;
  /** Reads the dump while it is written, and throws when it is not whole. */
  reader: (source: Readable) => Promise<void>;
  /** A last look at the finished file. */
  finished?: (path: string) => Promise<void>;
  /** Estimate of the dump's size: progress is reported against it. */
  bytesTotal?: number;
}

/** Runs a dump program into a file that its reader proves. Throws HF_DUMP_FAILED, HF_DUMP_INCOMPLETE. */
export async function runDump(server: PostgresServer, dump: DumpProgram, run: RunContext): Promise<Written> {
  const { name } = server.connection;
  const { target, fileName, reader } = dump;
  const { signal } = run;
  const onBytes = dump.bytesTotal === undefined ? {} : { onBytes: dumpProgress(run, name, dump.bytesTotal) };
  if (target === "nowhere") {
    const produce = (stdout: Writable): Promise<void> => runProgram(server, dump.command, { stdout, signal });
    return await writeDump({ database: name, target, fileName, signal, produce, readers: [reader], ...onBytes });
  }
  return await writeFollowed({
    database: name,
    folder: target.folder,
    fileName,
    signal,
    produce: (stdoutFile) => runProgram(server, dump.command, { stdoutFile, signal }),
    reader,
    ...(dump.finished === undefined ? {} : { finished: dump.finished }),
    ...onBytes,
  });
}

async function runProgram(server: PostgresServer, command: Command, io: Io): Promise<void> {
  const { name, executor } = server.connection;
  const exit = await executor.run(command, io);
  if (exit.code === 0) return;
  const [program] = command.argv;
  const detail = exitDetail(program.slice(program.lastIndexOf("/") + 1), exit);
  throw failure("HF_DUMP_FAILED", { database: name, detail });
}
