import { lstatSync, readlinkSync, type BigIntStats } from "node:fs";
import { readdir } from "node:fs/promises";
import { nameFromLatin1, systemPath } from "./names.ts";
import { sameContent } from "./same-content.ts";
import { slices, sortInSlices, type Slices } from "./slices.ts";
import type { Leave } from "./walk.ts";

export type DifferenceKind =
  | "missing"
  | "extra"
  | "type"
  | "size"
  | "content"
  | "mode"
  | "owner"
  | "mtime"
  | "link target"
  | "unreadable";

export interface Difference {
  /** Path on the expected side, as text (names.ts). */
  path: string;
  kind: DifferenceKind;
}

export interface Comparison {
  differences: Difference[];
  /** Paths that differ, but were changed on the expected side after `since`: no fault of the copy. */
  changedSince: string[];
  /** Regular files of which every byte was compared, and those bytes. */
  files: number;
  bytes: number;
}

export interface CompareOptions {
  /** Left out on the expected side; must not be there on the actual one. */
  excluded?: Leave;
  /** When the copy was begun: what changed later on the expected side is reported apart. */
  since?: Date;
  /** Whether owners must agree. Default: only when this process is root, as others cannot set them. */
  owners?: boolean;
  signal?: AbortSignal;
  /** Called after each file with the bytes compared so far. */
  onProgress?: (done: { files: number; bytes: number }) => void;
}

interface Comparing extends Comparison {
  options: CompareOptions;
  owners: boolean;
  sinceNs: bigint | undefined;
  slice: Slices;
}

/**
 * Compares two files or trees: names as bytes, types, modes, owners, mtimes to the nanosecond, link targets, and every
 * byte of every file. Sockets are passed over, as restic does not store them. Does not throw for a difference or for what
 * cannot be read; throws the signal's reason.
 */
export async function compareTrees(
  expected: string,
  actual: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  options.signal?.throwIfAborted();
  const state: Comparing = {
    differences: [],
    changedSince: [],
    files: 0,
    bytes: 0,
    options,
    owners: options.owners ?? process.getuid?.() === 0,
    sinceNs: options.since === undefined ? undefined : BigInt(options.since.getTime()) * 1_000_000n,
    slice: slices(options.signal),
  };
  await compareEntry(state, expected, actual, undefined);
  const { differences, changedSince, files, bytes } = state;
  return { differences, changedSince, files, bytes };
}

/** `parent` is the folder on the expected side: what vanished from there shows in its times only. */
async function compareEntry(
  state: Comparing,
  expected: string,
  actual: string,
  parent: BigIntStats | undefined,
): Promise<void> {
  const wanted = look(expected);
  const found = look(actual);
  if (wanted === "unreadable" || found === "unreadable") return report(state, expected, "unreadable", parent);
  if (wanted === undefined) {
    if (found !== undefined || parent === undefined) report(state, expected, found ? "extra" : "missing", parent);
    return;
  }
  if (wanted.isSocket()) return;
  if (found === undefined) return report(state, expected, "missing", wanted);
  if (typeOf(wanted) !== typeOf(found)) return report(state, expected, "type", wanted);

  if (wanted.isFile()) await compareFile(state, expected, actual, wanted, found);
  if (wanted.isSymbolicLink() && !sameTarget(expected, actual)) report(state, expected, "link target", wanted);
  if (wanted.isDirectory()) await compareFolder(state, expected, actual, wanted);
  compareAttributes(state, expected, wanted, found);
}

function compareAttributes(state: Comparing, path: string, wanted: BigIntStats, found: BigIntStats): void {
  if (!wanted.isSymbolicLink() && wanted.mode !== found.mode) report(state, path, "mode", wanted);
  if (state.owners && (wanted.uid !== found.uid || wanted.gid !== found.gid)) report(state, path, "owner", wanted);
  if (wanted.mtimeNs !== found.mtimeNs) report(state, path, "mtime", wanted);
}

async function compareFile(
  state: Comparing,
  expected: string,
  actual: string,
  wanted: BigIntStats,
  found: BigIntStats,
): Promise<void> {
  if (wanted.size !== found.size) return report(state, expected, "size", wanted);
  try {
    const same = await sameContent(expected, actual, Number(wanted.size), state.options.signal);
    if (!same) report(state, expected, "content", look(expected) ?? wanted);
  } catch (error) {
    reasonOf(error);
    return report(state, expected, "unreadable", wanted);
  }
  state.files += 1;
  state.bytes += Number(wanted.size);
  state.options.onProgress?.({ files: state.files, bytes: state.bytes });
}

async function compareFolder(state: Comparing, expected: string, actual: string, wanted: BigIntStats): Promise<void> {
  const [ours, theirs] = await Promise.all([list(expected), list(actual)]);
  if (ours === undefined || theirs === undefined) return report(state, expected, "unreadable", wanted);
  const excluded = state.options.excluded ?? (() => false);
  for (const name of await sortInSlices([...new Set([...ours, ...theirs])], state.slice)) {
    if (state.slice.over()) await state.slice.next();
    const [child, copy] = [below(expected, name), below(actual, name)];
    const stats = look(child);
    if (stats !== undefined && stats !== "unreadable" && excluded(child, stats.isDirectory())) {
      if (look(copy) !== undefined) report(state, child, "extra", wanted);
      continue;
    }
    await compareEntry(state, child, copy, wanted);
  }
}

function report(
  state: Comparing,
  path: string,
  kind: DifferenceKind,
  source: BigIntStats | "unreadable" | undefined,
): void {
  const late =
    state.sinceNs !== undefined &&
    source !== undefined &&
    source !== "unreadable" &&
    (source.ctimeNs > state.sinceNs || source.mtimeNs > state.sinceNs);
  if (!late) state.differences.push({ path, kind });
  else if (state.changedSince.at(-1) !== path) state.changedSince.push(path);
}

const typeOf = (stats: BigIntStats): bigint => stats.mode & 0o170000n;

const below = (folder: string, latin1: string): string => `${folder === "/" ? "" : folder}/${nameFromLatin1(latin1)}`;

const sameTarget = (left: string, right: string): boolean =>
  readlinkSync(systemPath(left), { encoding: "buffer" }).equals(
    readlinkSync(systemPath(right), { encoding: "buffer" }),
  );

function look(path: string): BigIntStats | "unreadable" | undefined {
  try {
    return lstatSync(systemPath(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    reasonOf(error);
    return "unreadable";
  }
}

async function list(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(systemPath(path), { encoding: "latin1" });
  } catch (error) {
    reasonOf(error);
    return undefined;
  }
}

/** Lets only a system call's failure pass: anything else is a bug, or a cancel. */
function reasonOf(error: unknown): void {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
}
