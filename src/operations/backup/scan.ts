import { fingerprintOf, walk } from "../../base/files/walk.ts";
import { compile } from "../../domain/excludes/compile.ts";
import type { BackupPlan } from "../../domain/plan/backup.ts";
import type { SourcePart } from "../../domain/snapshot.ts";
import type { RunWork } from "../run/lifecycle.ts";

export interface Scan {
  /** One per declared path. */
  parts: SourcePart[];
  /** Digest of the paths, excludes and tags, and of every file's metadata. */
  fingerprint: string;
}

/** Looks at every file that is to be stored, without reading it: for the guard, and to know whether anything changed. */
export async function scanFiles(plan: BackupPlan, staging: string, run: RunWork): Promise<Scan> {
  const matches = compile([...plan.files.exclude, ...plan.dumps.flatMap((step) => step.replaces)]);
  // Staging changes with every run: looking at it would mean that something always changed.
  const excluded = (path: string): boolean => path === staging || matches(path);
  const parts: SourcePart[] = [];
  const walked: string[] = [];
  for (const path of plan.files.paths) {
    const found = await walk([path], excluded, { signal: run.signal });
    parts.push({ name: path, files: found.files, bytes: found.bytes });
    walked.push(`${path}\0${found.fingerprint}`);
  }
  const fingerprint = fingerprintOf({
    roots: [...plan.files.paths, ...plan.files.missing],
    excludes: plan.files.exclude,
    tags: plan.stores.flatMap((store) => [store.host, ...store.tags]),
    walked: { fingerprint: walked.join("\0") },
  });
  return { parts, fingerprint };
}
