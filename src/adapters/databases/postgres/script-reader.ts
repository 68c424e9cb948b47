import type { Readable } from "node:stream";
import type { Counts } from "../../../domain/database.ts";
import { readIdentifier } from "./identifiers.ts";

/** What an SQL script of pg_dump or pg_dumpall holds. */
export interface ScriptContent {
  /**
   * Rows between each COPY and its end, by `schema.table`; in a script of several databases `database/schema.table`.
   * Only of tables that the script creates: those of an extension come with it, and a script holds a part of their
   * rows at most (pg_extension_config_dump).
   */
  counts: Counts;
  /** The databases that it connects to, in order. */
  databases: string[];
  /** Those of them into which it copies rows, also into tables of an extension. */
  filled: Set<string>;
  /** Whether the mark stands at its end that the dump program writes last. */
  complete: boolean;
}

const newline = 10;
const creation = /^CREATE (?:UNLOGGED )?TABLE /;
const endMark = /^-- PostgreSQL database (cluster )?dump complete$/;

/** Reads a script to its end, counting rows as they pass. */
export async function readScript(source: Readable): Promise<ScriptContent> {
  const reader = new ScriptReader();
  for await (const chunk of source as AsyncIterable<Buffer>) reader.add(chunk);
  return reader.content();
}

class ScriptReader {
  readonly #counts: Counts = {};
  readonly #databases: string[] = [];
  readonly #filled = new Set<string>();
  readonly #created = new Set<string>();
  #rest = Buffer.alloc(0);
  #table: string | undefined;
  #rows = 0;
  /** The last lines that say anything, for the end mark: newer releases write `\unrestrict KEY` after it. */
  #lastLine = "";

  add(chunk: Buffer): void {
    const text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = text.indexOf(newline); end !== -1; end = text.indexOf(newline, start)) {
      this.#line(text, start, end);
      start = end + 1;
    }
    this.#rest = Buffer.from(text.subarray(start));
  }

  content(): ScriptContent {
    const open = this.#table !== undefined || this.#rest.length > 0;
    const complete = !open && endMark.test(this.#lastLine);
    return { counts: this.#counts, databases: this.#databases, filled: this.#filled, complete };
  }

  #line(text: Buffer, start: number, end: number): void {
    if (this.#table !== undefined) {
      // Data never holds a line of just `\.`: COPY escapes its backslashes.
      if (end - start === 2 && text[start] === 0x5c && text[start + 1] === 0x2e) {
        if (this.#created.has(this.#table)) {
          this.#counts[this.#table] = (this.#counts[this.#table] ?? 0) + this.#rows;
        }
        this.#table = undefined;
      } else {
        this.#rows += 1;
      }
      return;
    }
    const line = text.toString("utf8", start, end);
    if (line === "" || line === "--" || line.startsWith("\\unrestrict ")) return;
    this.#lastLine = line;
    if (line.startsWith("COPY ") && line.endsWith(" FROM stdin;")) this.#begin(line);
    else if (creation.test(line)) this.#created.add(this.#tableIn(line.replace(creation, "")));
    else if (line.startsWith("\\connect ")) this.#databases.push(connectedTo(line));
  }

  #begin(line: string): void {
    this.#table = this.#tableIn(line.slice("COPY ".length));
    this.#rows = 0;
    const database = this.#databases.at(-1);
    if (database !== undefined) this.#filled.add(database);
  }

  /** The table named at the start of `text`, with the database that the script is in. */
  #tableIn(text: string): string {
    const schema = readIdentifier(text);
    const table = readIdentifier(schema?.rest.slice(1) ?? "");
    const database = this.#databases.at(-1);
    return `${database === undefined ? "" : `${database}/`}${schema?.name ?? ""}.${table?.name ?? ""}`;
  }
}

/** `\connect name`, or for names that need it `\connect -reuse-previous=on "dbname='name'"`. */
export function connectedTo(line: string): string {
  const conninfo = /^\\connect -reuse-previous=on "dbname='(.*)'"$/.exec(line)?.[1];
  if (conninfo !== undefined) return conninfo.replaceAll('""', '"').replaceAll(/\\(.)/g, "$1");
  return readIdentifier(line.slice("\\connect ".length))?.name ?? "";
}
