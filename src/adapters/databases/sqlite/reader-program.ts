import type * as FileSystem from "node:fs";
import type Driver from "better-sqlite3";

/**
 * What the reader process does (see reader.ts). It is handed over as text, so it must refer to nothing outside itself
 * but Node's globals. A process of its own, because: locks on a file belong to a process and are lost when the same
 * process opens and closes that file elsewhere (https://www.sqlite.org/howtocorrupt.html, 2.2); checks of large files
 * take minutes in which our event loop must live; and a process can be ended in the middle of them.
 *
 * It answers with one JSON object per line. Modes: `probe` and `count` read the file and end. `check` tests it whole.
 * `pin` holds a read transaction, says so, waits for a line that names a file, copies the pinned moment there and checks
 * the copy. End of input ends it.
 */
export function readerProgram(
  open: typeof Driver,
  fs: typeof FileSystem,
  mode: "probe" | "count" | "check" | "pin",
  path: string,
  waitMs: number,
  spare: string,
): void {
  const pagesPerStep = 4096;
  const progressEveryMs = 500;
  const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
  const fail = (error: unknown): void => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "BUG";
    say({ type: "error", code, detail: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.stdin.destroy();
  };
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

  const requireHeader = (file: string): void => {
    const header = Buffer.alloc(16);
    const handle = fs.openSync(file, "r");
    const length = fs.readSync(handle, header, 0, 16, 0);
    fs.closeSync(handle);
    if (length === 0) throw Object.assign(new Error("it is empty"), { code: "HEADER" });
    if (header.toString("latin1") !== "SQLite format 3\0") {
      throw Object.assign(new Error("it does not begin as one"), { code: "HEADER" });
    }
  };

  const countsOf = (db: Driver.Database): Record<string, number> => {
    const tables = db
      .prepare<[], string>(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
      )
      .pluck()
      .all();
    return Object.fromEntries(
      tables.map((name) => [
        name,
        db
          .prepare<[], number>(`SELECT count(*) FROM ${quoted(name)}`)
          .pluck()
          .get() ?? 0,
      ]),
    );
  };

  /** Apps bring collations and functions of their own, which we lack: then the check goes as far as it can. */
  const integrityOf = (db: Driver.Database): { faults: string[]; unchecked: string } => {
    let unchecked = "";
    for (const check of ["integrity_check", "quick_check"]) {
      try {
        const faults = db.prepare<[], string>(`PRAGMA ${check}(5)`).pluck().all();
        return { faults: faults.filter((line) => line !== "ok"), unchecked };
      } catch (error) {
        if (
          !(
            error instanceof Error &&
            /no such (collation|module|function)|unknown (function|tokenizer)/i.test(error.message)
          )
        )
          throw error;
        unchecked = error.message;
      }
    }
    return { faults: [], unchecked };
  };

  const check = (file: string): void => {
    const db = new open(file, { fileMustExist: true, timeout: waitMs });
    try {
      const { faults, unchecked } = integrityOf(db);
      const foreign = faults.length > 0 ? [] : db.prepare("PRAGMA foreign_key_check").raw().all();
      const bytes = fs.statSync(file).size;
      say({
        type: "checked",
        faults,
        unchecked,
        foreign: foreign.length,
        counts: faults.length > 0 ? {} : countsOf(db),
        bytes,
      });
    } finally {
      db.close();
    }
  };

  const copy = async (db: Driver.Database, to: string, pageSize: number): Promise<void> => {
    let told = Date.now();
    await db.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        if (Date.now() - told >= progressEveryMs) {
          told = Date.now();
          say({ type: "progress", done: (totalPages - remainingPages) * pageSize, total: totalPages * pageSize });
        }
        return pagesPerStep;
      },
    });
  };

  const move = (from: string, to: string): void => {
    try {
      fs.renameSync(from, to);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
      fs.copyFileSync(from, to);
      fs.unlinkSync(from);
    }
  };

  const pin = async (db: Driver.Database, facts: { journalMode: string; pageSize: number }): Promise<void> => {
    // Without a WAL a held read transaction blocks every writer: so the copy is made at once and the lock given back.
    const copied = facts.journalMode !== "wal";
    if (copied) {
      await copy(db, spare, facts.pageSize);
      db.close();
    }
    say({ type: "opened", ...facts });
    let line = "";
    for await (const chunk of process.stdin) {
      line += String(chunk);
      if (line.includes("\n")) break;
    }
    if (!line.includes("\n")) return;
    const to: unknown = JSON.parse(line);
    if (typeof to !== "string") throw new TypeError("expected a file name");
    if (copied) move(spare, to);
    else {
      await copy(db, to, facts.pageSize);
      db.close();
    }
    check(to);
  };

  const main = async (): Promise<void> => {
    requireHeader(path);
    if (mode === "check") {
      check(path);
      return;
    }
    const db = new open(path, { readonly: true, fileMustExist: true, timeout: waitMs });
    // BEGIN alone takes no lock: the first read fixes the moment.
    db.exec("BEGIN");
    const schemaObjects = db.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get() ?? 0;
    const pageSize = Number(db.pragma("page_size", { simple: true }));
    const facts = {
      journalMode: String(db.pragma("journal_mode", { simple: true })),
      pageSize,
      sizeBytes: Number(db.pragma("page_count", { simple: true })) * pageSize,
      version: String(db.prepare("SELECT sqlite_version()").pluck().get()),
      schemaObjects,
    };
    if (mode === "pin") await pin(db, facts);
    else if (mode === "count") say({ type: "counted", counts: countsOf(db) });
    else say({ type: "opened", ...facts });
    if (db.open) db.close();
    process.stdin.destroy();
  };

  main().catch(fail);
}
