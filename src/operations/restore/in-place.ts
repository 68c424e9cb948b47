import { chmod, chown, mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { failure, render, toProblem } from "../../base/errors/error.ts";
import { exists } from "../../base/files/exists.ts";
import { nameFromLatin1, systemPath } from "../../base/files/names.ts";
import { walk } from "../../base/files/walk.ts";
import type { Progress } from "../../domain/events.ts";
import type { SnapshotId } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { exchange, putBack, type Exchange, type Move } from "../settle/put-back.ts";
import { neverCaptured } from "./never-captured.ts";
import type { FileCount } from "./fresh.ts";
import { unitsOf, type Unit } from "./units.ts";

/** Files that were put in place, while what was there before still lies aside. */
export interface Placed {
  stats: FileCount;
  /** The restore has succeeded: what lay aside goes. */
  keep(): Promise<void>;
  /** The restore has failed: everything is as it was before. */
  undo(): Promise<void>;
}

export interface InPlaceRequest {
  id: SnapshotId;
  /** Absolute paths of the snapshot that are put back where they were. */
  paths: string[];
  /** Patterns of what people left out of the capture, or leave out today: where the snapshot lacks it, it stays. */
  exclude: string[];
  onProgress?: (progress: Progress) => void;
}

/**
 * Restores beside what is there, verifies, and then exchanges by renaming: the old things lie aside until the caller
 * decides. The way back is in the journal before the first rename. Throws HF_RESTORE_*, HF_REPOSITORY_*; then all is as
 * it was before.
 */
export async function restoreInPlace(
  holdfast: Pick<Holdfast, "journal" | "device" | "home">,
  repository: Repository,
  request: InPlaceRequest,
  run: RunContext,
): Promise<Placed> {
  const { journal } = holdfast;
  const units = await unitsOf(request.paths, holdfast.home.root);
  const work = units.map((unit) => unit.work);
  let owed = await journal.incur({ kind: "remove", paths: work });
  const clean = async (): Promise<void> => {
    for (const folder of work) await rm(folder, { recursive: true, force: true });
    await journal.settle(owed);
  };
  // What is about to be removed must not be all that a power cut leaves.
  const forget = async (): Promise<void> => {
    for (const unit of units) await holdfast.device.run({ argv: ["sync", "-f", unit.work] });
    owed = await journal.amend(owed, { kind: "remove", paths: work });
    await clean();
  };
  const stats: FileCount = { files: 0, bytes: 0 };
  let planned: Exchange;
  try {
    for (const unit of units) {
      const done = await restoreBeside(repository, request, unit, run);
      stats.files += done.files;
      stats.bytes += done.bytes;
    }
    planned = await planExchange(units, request.exclude);
    run.signal.throwIfAborted();
  } catch (error) {
    await clean();
    throw error;
  }
  owed = await journal.amend(owed, { kind: "put-back", ...planned, work });
  const undo = async (): Promise<void> => {
    await putBack(planned);
    await forget();
  };
  try {
    await exchange(planned);
    for (const unit of units) if (unit.isMount) await copyOwner(join(unit.work, "new", unit.top), unit.top);
  } catch (error) {
    await undo();
    const { message: detail } = render(toProblem(error));
    throw failure("HF_RESTORE_FAILED", { what: request.paths.join(", "), detail }, { cause: error });
  }
  return { stats, undo, keep: forget };
}

async function restoreBeside(
  repository: Repository,
  request: InPlaceRequest,
  unit: Unit,
  run: RunContext,
): Promise<FileCount> {
  const target = join(unit.work, "new");
  await mkdir(target, { recursive: true, mode: 0o700 });
  await mkdir(join(unit.work, "old"), { mode: 0o700 });
  const { id, onProgress } = request;
  await repository.restore({ id, target, include: unit.paths, ...(onProgress && { onProgress }) }, run);
  const { files, bytes } = await walk([target], () => false, { signal: run.signal });
  return { files, bytes };
}

async function planExchange(units: Unit[], exclude: string[]): Promise<Exchange> {
  const planned: Exchange = { moves: [], carried: [], kept: [] };
  for (const unit of units) {
    if (unit.isMount) {
      const { mode, uid, gid } = await stat(unit.top);
      planned.kept.push({ path: unit.top, mode: mode & 0o7777, uid, gid });
    }
    for (const name of await namesOf(unit)) {
      const path = name === undefined ? unit.top : join(unit.top, name);
      const aside = join(unit.work, "old", name ?? basename(unit.top));
      const fresh = join(unit.work, "new", path);
      const move: Move = { path, aside, fresh, replaces: await exists(path), brings: await exists(fresh) };
      planned.moves.push(move);
      planned.carried.push(...(await neverCaptured(move, exclude)));
    }
  }
  return planned;
}

/** What is exchanged of a unit: the path itself, or, of a mount point, every name in it, old and new. */
async function namesOf(unit: Unit): Promise<(string | undefined)[]> {
  if (!unit.isMount) return [undefined];
  const there = (await namesIn(unit.top)).filter((name) => join(unit.top, name) !== unit.work);
  return [...new Set([...there, ...(await namesIn(join(unit.work, "new", unit.top)))])];
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(systemPath(folder), { encoding: "latin1" })).map(nameFromLatin1);
}

async function copyOwner(from: string, to: string): Promise<void> {
  const { mode, uid, gid } = await stat(from);
  await chmod(to, mode & 0o7777);
  if (process.getuid?.() === 0) await chown(to, uid, gid);
}
