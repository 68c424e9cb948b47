import { failure, problem, type HoldfastError, type Problem } from "../../../base/errors/error.ts";
import type { Checked, ReaderFailure } from "./reader.ts";
import type { SqliteSpec } from "./spec.ts";

/** What SQLite's code (https://www.sqlite.org/rescode.html), or a file system's, means for the person. */
export function meaningOf(error: ReaderFailure, database: string, spec: SqliteSpec): HoldfastError {
  const { code, message: detail } = error;
  const { path } = spec;
  const cause = { cause: error };
  if (code === "ENOENT" || code === "ENOTDIR") return failure("HF_SQLITE_MISSING", { path, database }, cause);
  if (code === "HEADER") return failure("HF_SQLITE_NOT_A_DATABASE", { path, detail, database }, cause);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return failure("HF_SQLITE_LOCKED", { path, seconds: spec.wait_seconds, database }, cause);
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return failure("HF_DATABASE_CORRUPT", { database, detail }, cause);
  if (code === "SQLITE_READONLY_ROLLBACK" || code === "SQLITE_READONLY_RECOVERY") {
    return failure("HF_SQLITE_HOT_JOURNAL", { path }, cause);
  }
  if (/^(SQLITE_(CANTOPEN|PERM|AUTH|READONLY)|EACCES|EPERM|EISDIR)/.test(code)) {
    return failure("HF_SQLITE_UNREADABLE", { path, detail }, cause);
  }
  return failure("HF_DUMP_FAILED", { database, detail: `${detail} (${code})` }, cause);
}

/** Throws HF_DATABASE_CORRUPT for a file with faults; gives what else is to be said about it. */
export function judge(checked: Checked, database: string): Problem[] {
  if (checked.faults.length > 0) throw failure("HF_DATABASE_CORRUPT", { database, detail: checked.faults.join("; ") });
  return [
    ...(checked.foreign > 0 ? [problem("HF_SQLITE_FOREIGN_KEYS", { database, count: checked.foreign })] : []),
    ...(checked.unchecked === "" ? [] : [problem("HF_SQLITE_PARTLY_CHECKED", { database, detail: checked.unchecked })]),
  ];
}
