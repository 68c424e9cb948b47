import type { Problem } from "../base/errors/error.ts";
import type { Duty } from "../base/journal/journal.ts";
import type { Executor } from "../base/process/command.ts";
import type { Secret } from "../base/secrets/secret.ts";
import type { SecretRef } from "./atoms/secret-ref.ts";
import type { RunContext } from "./run.ts";

/** A database as it was declared; `spec` has been checked by the engine's own schema. */
export interface DatabaseDeclaration {
  /** Unique within its app; it names the dump's files. */
  name: string;
  type: string;
  spec: unknown;
}

/** What an engine is handed when it is opened. */
export interface DatabaseContext {
  /** The declared name, for messages. */
  name: string;
  /** Where the engine's client tools run. */
  executor: Executor;
  /** A private folder (0700) for password files and the like; it is removed when the run has ended. */
  scratch: string;
  resolveSecret(ref: SecretRef): Promise<Secret>;
  /**
   * Before files are exchanged by renaming: puts the way back on disk, for the case that this process does not live to
   * the end of it. The result is called when the exchange is over, either way.
   */
  owe(moves: FileExchange[]): Promise<() => Promise<void>>;
}

/** One file that is about to be exchanged. */
export type FileExchange = Extract<Duty, { kind: "put-back" }>["moves"][number];

export interface DatabaseFacts {
  engine: string;
  serverVersion: string;
  client?: { program: string; version: string };
  /** Size on the server, an upper estimate of the dump. */
  sizeBytes?: number;
  /** What will be missing or weaker in the dump, such as role passwords. */
  warnings: Problem[];
}

/** Files of an engine that lie below an app's paths and must not be stored as plain files. */
export interface Footprint {
  /** Absolute paths, left out of the files because the dump replaces them or because they are worthless without it. */
  leaveOut: string[];
}

/** Rows (or keys, documents) per table. Names are the engine's own, qualified: `public.orders`. */
export type Counts = Record<string, number>;

/** A moment, held fixed. `release` is idempotent and must be called, also when no dump follows. */
export interface Pin {
  pinnedAt: Date;
  release(): Promise<void>;
}

/** Where a dump goes: a folder, or nowhere (dry run), where it is read to its end all the same. */
export type DumpTarget = { folder: string } | "nowhere";

/** A dump that was read to its end by its own engine's tools. Its existence is the proof: an incomplete dump throws. */
export interface DumpProof {
  /** File names within the folder, with their sizes, the dump itself first. Empty for a dry run. */
  files: { name: string; bytes: number }[];
  format: string;
  engine: string;
  serverVersion: string;
  clientVersion: string;
  /** Size of the dump, also of one that went nowhere. */
  bytes: number;
  /** Row counts of the very moment that was dumped. */
  counts: Counts;
  warnings: Problem[];
  durationMs: number;
}

export interface LoadReport {
  counts: Counts;
  /** Tables whose counts differ from the dump's: empty for a proven load. */
  mismatches: { table: string; expected: number; found: number }[];
  warnings: Problem[];
}

export interface Database {
  /** Reaches the server and its tools. Throws HF_DATABASE_*, HF_CLIENT_TOO_OLD, HF_PROGRAM_MISSING. */
  probe(): Promise<DatabaseFacts>;
  footprint(): Footprint;
  /**
   * For an engine whose server chooses the moment itself, some seconds after it is asked (Redis, which waits for more
   * replicas before it forks): it is pinned first, and the others as soon as its moment has come.
   */
  choosesMoment?: true;
  /** Fixes the moment, in milliseconds unless it `choosesMoment`; the dump follows after the window. */
  pin(run: RunContext): Promise<Pin>;
  /** Dumps the pinned moment and proves it complete. Throws HF_DUMP_*; leaves no file behind when it does. */
  dump(pin: Pin, into: DumpTarget, run: RunContext): Promise<DumpProof>;
  /**
   * Loads what `dump` wrote, creating what is missing (database, roles, extensions). What was there before is kept
   * until the load is proven, then removed. `expected` are the dump's counts. Throws HF_LOAD_FAILED.
   */
  load(from: string, expected: Counts, run: RunContext): Promise<LoadReport>;
  count(): Promise<Counts>;
  close(): Promise<void>;
}
