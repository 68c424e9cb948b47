import { failure } from "../../base/errors/error.ts";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import type { Capture, DatabaseCapture } from "../../domain/capture.ts";
import type { SnapshotId } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import type { FileCount } from "./fresh.ts";
import type { RestoredDatabase } from "./report.ts";

export interface RestoreRequestOptions {
  app: string;
  /** The beginning of a snapshot's id; the newest good one when absent. */
  snapshot?: string;
  destination?: string;
  /** A fresh folder; absent: a new one in the current folder. */
  target?: string;
  inPlace: boolean;
  /** Only these absolute paths. */
  paths: string[];
  /** Whether files are restored; false when only databases are wanted. */
  files: boolean;
  databases: "none" | "all" | string[];
  /** Fields of the databases' declarations to replace; `env:NAME` and `file:PATH` for secrets. */
  into: Record<string, string>;
}

/** A request whose places are known: no target means in place. */
export type Resolved = Omit<RestoreRequestOptions, "target" | "into"> & {
  target: string | undefined;
  into: Record<string, unknown>;
};

/** Where it comes from. */
export interface RestoreSource {
  repository: Repository;
  record: SnapshotRecord;
  id: SnapshotId;
  /** The staging folder as the snapshot names it. */
  staging: string | undefined;
}

export interface Restored {
  stats: FileCount;
  /** The files are there, and each was compared with what the repository holds. */
  verified: boolean;
  target?: string;
  databases: RestoredDatabase[];
}

/** The dumps that are to be loaded. Throws HF_UNKNOWN_NAME, HF_LOAD_FAILED for one that is not in the snapshot. */
export function wantedDumps(request: Resolved, capture: Capture | undefined): DatabaseCapture[] {
  if (request.databases === "none") return [];
  const all = capture?.databases ?? [];
  if (request.databases === "all") return all.filter((one) => one.complete);
  return request.databases.map((name) => {
    const one = all.find((candidate) => candidate.name === name);
    if (one === undefined) {
      const names = all.map((candidate) => candidate.name).join(", ");
      const suggestion = names === "" ? "The snapshot holds none." : `The snapshot holds: ${names}.`;
      throw failure("HF_UNKNOWN_NAME", { kind: "database", name, suggestion });
    }
    if (one.complete) return one;
    const detail = `this snapshot has no complete dump of it (${one.problem ?? ""})`;
    throw failure("HF_LOAD_FAILED", { database: name, detail });
  });
}

/**
 * What `--into` replaces in the databases' declarations: `port=5433` is a number where the spec wants one;
 * `password=env:NAME` is a reference, never a value in argv. Throws HF_USAGE.
 */
export function overrides(into: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(into).map(([key, value]) => {
      const [, kind = "", rest = ""] = /^(env|file):(.*)$/s.exec(value) ?? [];
      if (kind === "") return [key, /^\d+$/.test(value) ? Number(value) : value];
      const parsed = secretRefSchema.safeParse({ [kind]: rest });
      if (parsed.success) return [key, parsed.data];
      throw failure("HF_USAGE", {
        detail: `--into ${key}=${value} names no ${kind === "env" ? "variable" : "file"}.`,
        help: "holdfast restore --help",
      });
    }),
  );
}
