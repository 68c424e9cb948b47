import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { exists, realPath } from "../../base/files/exists.ts";
import { failure } from "../../base/errors/error.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import { mountPoints } from "./mounts.ts";

/** Paths that are exchanged together. */
export interface Unit {
  /** What is renamed: the path itself, or the topmost folder above it that is missing. */
  top: string;
  /** Paths of the snapshot at or below `top`. */
  paths: string[];
  /** A folder of ours on the same file system, so that moving is renaming. */
  work: string;
  /** A mount point cannot be renamed: what is in it is exchanged piece by piece. */
  isMount: boolean;
}

/**
 * Sorts the paths of a restore in place into units. A path below another one goes with that. Throws HF_RESTORE_FAILED for
 * what cannot be exchanged safely: something mounted below, or Holdfast's own home.
 */
export async function unitsOf(paths: string[], home: string): Promise<Unit[]> {
  const mounted = await mountPoints();
  const mark = `.holdfast-restore-${randomUUID().slice(0, 8)}`;
  const tops = new Map<string, string[]>();
  for (const path of outermost(paths)) {
    const top = await topmostMissing(path);
    tops.set(top, [...(tops.get(top) ?? []), path]);
  }
  const units: Unit[] = [];
  for (const [top, below] of tops) {
    const real = await realPath(top);
    refuse(top, real, mounted, await realPath(home));
    const isMount = mounted.includes(real);
    const name = `${mark}-${units.length}`;
    units.push({ top, paths: below, isMount, work: join(isMount ? top : dirname(top), name) });
  }
  return units;
}

function outermost(paths: string[]): string[] {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && isBelow(other, path)));
}

async function topmostMissing(path: string): Promise<string> {
  let top = path;
  while (dirname(top) !== top && !(await exists(dirname(top)))) top = dirname(top);
  return top;
}

/** Moving a folder aside would carry along what is mounted below it, and removing it later would empty that. */
function refuse(top: string, real: string, mounted: string[], home: string): void {
  const below = mounted.find((point) => point !== real && isBelow(real, point));
  if (below !== undefined) {
    throw failure("HF_RESTORE_FAILED", {
      what: top,
      detail: `another file system is mounted at ${below}; restore to a fresh folder with --target, or unmount it first`,
    });
  }
  if (isBelow(real, home)) {
    throw failure("HF_RESTORE_FAILED", {
      what: top,
      detail: `Holdfast's own home ${home} lies in it; restore to a fresh folder with --target, or only parts with --path`,
    });
  }
}
