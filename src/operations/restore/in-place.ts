import { randomUUID } from "node:crypto";
import { chmod, chown, mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { failure } from "../../base/errors/error.ts";
import { exists, lookAt } from "../../base/files/exists.ts";
import type { Journal } from "../../base/journal/journal.ts";
import type { Progress } from "../../domain/events.ts";
import { compile } from "../../domain/excludes/compile.ts";
import type { SnapshotId } from "../../domain/names.ts";
import type { Repository, RestoreStats } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import { exchange, putBack, type Exchange, type Move } from "../settle/put-back.ts";
import { mountPoints, refuseMountsBelow } from "./mounts.ts";

/** Files that were put in place, while what was there before still lies aside. */
export interface Placed {
  stats: RestoreStats;
  /** The restore has succeeded: what lay aside goes. */
  keep(): Promise<void>;
  /** The restore has failed: everything is as it was before. */
  undo(): Promise<void>;
}

export interface InPlaceRequest {
  id: SnapshotId;
  /** Absolute paths of the snapshot that are put back where they were. */
  paths: string[];
  /** What people had left out of the capture: it is not in the snapshot, and stays where it lies. */
  exclude: string[];
  onProgress?: (progress: Progress) => void;
}

interface Unit {
  path: string;
  /** A folder of ours on the same file system, so that moving is renaming. */
  work: string;
  /** A mount point cannot be renamed: what is in it is exchanged piece by piece. */
  isMount: boolean;
}

/**
 * Restores beside what is there, verifies, and then exchanges by renaming: the old things lie aside until the caller
 * decides. The way back is in the journal before the first rename. Throws HF_RESTORE_*, HF_REPOSITORY_*; then all is as
 * it was before.
 */
export async function restoreInPlace(
  repository: Repository,
  journal: Journal,
  request: InPlaceRequest,
  run: RunContext,
): Promise<Placed> {
  await refuseMountsBelow(request.paths);
  const units = await unitsOf(request.paths);
  const work = units.map((unit) => unit.work);
  let owed = await journal.incur({ kind: "remove", paths: work });
  const clean = async (): Promise<void> => {
    for (const folder of work) await rm(folder, { recursive: true, force: true });
    await journal.settle(owed);
  };
  const stats: RestoreStats = { filesRestored: 0, bytesRestored: 0 };
  let planned: Exchange;
  try {
    for (const unit of units) {
      const done = await restoreBeside(repository, request, unit, run);
      stats.filesRestored += done.filesRestored;
      stats.bytesRestored += done.bytesRestored;
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
    owed = await journal.amend(owed, { kind: "remove", paths: work });
    await clean();
  };
  try {
    await exchange(planned);
    for (const unit of units.filter((one) => one.isMount))
      await copyOwner(join(unit.work, "new", unit.path), unit.path);
  } catch (error) {
    await undo();
    const detail = error instanceof Error ? error.message : String(error);
    throw failure("HF_RESTORE_FAILED", { what: request.paths.join(", "), detail }, { cause: error });
  }
  return {
    stats,
    undo,
    async keep() {
      owed = await journal.amend(owed, { kind: "remove", paths: work });
      await clean();
    },
  };
}

async function unitsOf(paths: string[]): Promise<Unit[]> {
  const mark = `.holdfast-restore-${randomUUID().slice(0, 8)}`;
  const mounted = await mountPoints();
  return paths.map((path) => {
    const isMount = mounted.includes(path);
    return { path, isMount, work: isMount ? join(path, mark) : join(dirname(path), `${mark}-${basename(path)}`) };
  });
}

async function restoreBeside(
  repository: Repository,
  request: InPlaceRequest,
  unit: Unit,
  run: RunContext,
): Promise<RestoreStats> {
  await mkdir(join(unit.work, "new"), { recursive: true, mode: 0o700 });
  await mkdir(join(unit.work, "old"), { mode: 0o700 });
  const { id, onProgress } = request;
  const target = join(unit.work, "new");
  return await repository.restore({ id, target, include: [unit.path], ...(onProgress && { onProgress }) }, run);
}

async function planExchange(units: Unit[], exclude: string[]): Promise<Exchange> {
  const moves: Move[] = [];
  const carried: Exchange["carried"] = [];
  for (const unit of units) {
    for (const name of await namesOf(unit)) {
      const path = name === undefined ? unit.path : join(unit.path, name);
      const aside = join(unit.work, "old", name ?? basename(unit.path));
      const fresh = join(unit.work, "new", path);
      moves.push({ path, aside, fresh, replaces: await exists(path), brings: await exists(fresh) });
      carried.push(...(await excludedBelow(path, { aside, fresh }, exclude)));
    }
  }
  return { moves, carried };
}

/** What is exchanged of a unit: the path itself, or, of a mount point, every name in it, old and new. */
async function namesOf(unit: Unit): Promise<(string | undefined)[]> {
  if (!unit.isMount) return [undefined];
  const there = (await readdir(unit.path)).filter((name) => join(unit.path, name) !== unit.work);
  return [...new Set([...there, ...(await readdir(join(unit.work, "new", unit.path)))])];
}

/** The topmost excluded things below a live path, where the restored tree has a folder for them. */
async function excludedBelow(
  path: string,
  lies: { aside: string; fresh: string },
  exclude: string[],
): Promise<Exchange["carried"]> {
  if (exclude.length === 0) return [];
  const excluded = compile(exclude);
  const found: Exchange["carried"] = [];
  const visit = async (below: string): Promise<void> => {
    const live = `${path}${below}`;
    const stats = await lookAt(live);
    if (stats === undefined) return;
    if (below !== "" && excluded(live)) {
      const hasPlace = (await exists(dirname(`${lies.fresh}${below}`))) && !(await exists(`${lies.fresh}${below}`));
      if (hasPlace) found.push({ from: `${lies.aside}${below}`, to: live });
      return;
    }
    if (!stats.isDirectory()) return;
    for (const name of await readdir(live)) await visit(`${below}/${name}`);
  };
  await visit("");
  return found;
}

async function copyOwner(from: string, to: string): Promise<void> {
  const { mode, uid, gid } = await stat(from);
  await chmod(to, mode & 0o7777);
  if (process.getuid?.() === 0) await chown(to, uid, gid);
}
