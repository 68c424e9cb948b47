import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { z } from "zod";
import type { Exit } from "../../../base/process/command.ts";
import type { DatabaseContext } from "../../../domain/database.ts";
import { readerProgram } from "./reader-program.ts";
import type { SqliteSpec } from "./spec.ts";

const messageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("opened"),
    journalMode: z.string(),
    pageSize: z.number(),
    sizeBytes: z.number(),
    version: z.string(),
  }),
  z.object({ type: z.literal("progress"), done: z.number(), total: z.number() }),
  z.object({ type: z.literal("counted"), counts: z.record(z.string(), z.number()) }),
  z.object({
    type: z.literal("checked"),
    faults: z.array(z.string()),
    unchecked: z.string(),
    foreign: z.number(),
    counts: z.record(z.string(), z.number()),
    bytes: z.number(),
  }),
  z.object({ type: z.literal("error"), code: z.string(), detail: z.string() }),
]);
export type ReaderMessage = z.infer<typeof messageSchema>;
type Type = Exclude<ReaderMessage["type"], "progress" | "error">;
export type Opened = Extract<ReaderMessage, { type: "opened" }>;
export type Checked = Extract<ReaderMessage, { type: "checked" }>;

/** What the reader process said instead of the answer; errors.ts gives it its meaning. */
export class ReaderFailure extends Error {
  /** SQLite's own code, such as SQLITE_BUSY, or a file system's, such as ENOENT. */
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A process that reads one SQLite file; see reader-program.ts. */
export interface Reader {
  /** Waits for an answer of that type. Throws ReaderFailure, or the signal's reason after a cancel. */
  answer<Wanted extends Type>(type: Wanted): Promise<Extract<ReaderMessage, { type: Wanted }>>;
  /** Tells a pinned reader where its copy goes. */
  copyTo(file: string): void;
  /** Ends it and waits until it has let go of the file. Idempotent. */
  end(): Promise<void>;
}

export interface ReaderOptions {
  /** Where a copy waits that has to be made before its destination is known. */
  spare?: string;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

type Mode = Parameters<typeof readerProgram>[2];

/** Starts a reader of `spec.path`, where the database's client tools run. */
export function startReader(
  context: DatabaseContext,
  spec: SqliteSpec,
  mode: Mode,
  { spare = "", signal, onProgress }: ReaderOptions = {},
): Reader {
  const driver = createRequire(import.meta.url).resolve("better-sqlite3");
  const args = [mode, spec.path, spec.wait_seconds * 1000, spare].map((value) => JSON.stringify(value)).join(", ");
  const program = `(${readerProgram.toString()})(require(${JSON.stringify(driver)}), require("node:fs"), ${args})`;
  const stdin = new PassThrough();
  const inbox = new Inbox();
  const cancel = new AbortController();
  const ended = context.executor
    .run(
      { argv: [process.execPath, "-e", program] },
      {
        stdin,
        signal: signal === undefined ? cancel.signal : AbortSignal.any([signal, cancel.signal]),
        onLine: (line) => {
          const message = messageSchema.parse(JSON.parse(line));
          if (message.type === "progress") onProgress?.(message.done, message.total);
          else inbox.put(message);
        },
      },
    )
    .then(
      (exit) => inbox.close(new ReaderFailure("ENDED", endOf(exit))),
      (error: unknown) => inbox.close(error),
    );
  return {
    answer: (type) => inbox.take(type),
    copyTo: (file) => void stdin.write(`${JSON.stringify(file)}\n`),
    end: async () => {
      stdin.end();
      // It holds nothing worth a polite end, and may be in the middle of an hour of checking.
      cancel.abort();
      await ended;
    },
  };
}

function endOf(exit: Exit): string {
  const how = exit.signal === null ? `exit status ${exit.code}` : exit.signal;
  return `the reading process ended early (${how}) ${exit.stderr.trim().split("\n").at(-1) ?? ""}`.trim();
}

/** Answers in the order in which they came, for one reader at a time. */
class Inbox {
  readonly #messages: ReaderMessage[] = [];
  #closed: { reason: unknown } | undefined;
  #wake: () => void = () => undefined;

  put(message: ReaderMessage): void {
    this.#messages.push(message);
    this.#wake();
  }

  close(reason: unknown): void {
    this.#closed = { reason };
    this.#wake();
  }

  async take<Wanted extends Type>(type: Wanted): Promise<Extract<ReaderMessage, { type: Wanted }>> {
    for (;;) {
      const message = this.#messages.shift();
      if (message?.type === "error") throw new ReaderFailure(message.code, message.detail);
      if (message !== undefined && isA(message, type)) return message;
      if (message !== undefined) throw new ReaderFailure("BUG", `expected ${type}, got ${message.type}`);
      if (this.#closed !== undefined) throw this.#closed.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function isA<Wanted extends Type>(
  message: ReaderMessage,
  type: Wanted,
): message is Extract<ReaderMessage, { type: Wanted }> {
  return message.type === type;
}
