import type { Counts } from "../../../domain/database.ts";

/** Bytes from `start` up to, and without, `end`. */
export interface Range {
  start: number;
  end: number;
}

export interface DumpedDatabase {
  name: string;
  /** Where its tables, routines and views stand in the dump. */
  body: Range[];
  /** Where its events stand: they are loaded last, for an enabled event begins to run at once. */
  events: Range[];
}

export interface ScannedDump {
  counts: Counts;
  databases: DumpedDatabase[];
  /** What every database's part needs before it: character sets and modes. */
  preamble: Range;
  /** Whether the end mark was the last thing of it. */
  complete: boolean;
  /** What the dump program was not allowed to read, in its own words. */
  withheld: string[];
}

const lineFeed = 0x0a;
const quote = 0x27;
const backslash = 0x5c;
const open = 0x28;
const semicolon = 0x3b;
/** Longer first parts of lines are not needed to tell what they are: names have at most 64 characters. */
const headLength = 1024;

/**
 * Reads a dump as it flows by, to its last byte: counts the rows of every INSERT, and notes which part belongs to which
 * database. Strings hold no raw line feeds (the dump programs escape them), and a row begins with a parenthesis that is
 * in no string. Bodies of triggers, events and routines stand between DELIMITER lines and are not looked at.
 */
export class DumpScanner {
  readonly #qualified: boolean;
  readonly #counts = new Map<string, number>();
  readonly #databases = new Map<string, DumpedDatabase>();
  readonly #withheld: string[] = [];
  #offset = 0;
  #lineStart = 0;
  #head: Buffer = Buffer.alloc(0);
  #preambleEnd: number | undefined;
  #database = "";
  #part: { ranges: Range[]; start: number } | undefined;
  #inBody = false;
  #lastLine = "";
  #state: "line" | "rest" | "rows" | "string" | "escape" = "line";
  #table = "";
  #rows = 0;
  #depth = 0;

  /** `qualified`: counts are named `database.table`. */
  constructor(qualified: boolean) {
    this.#qualified = qualified;
  }

  push(chunk: Buffer): void {
    let index = 0;
    while (index < chunk.length) {
      if (this.#state === "line") index = this.#readHead(chunk, index);
      else if (this.#state === "rest") index = this.#skipLine(chunk, index);
      else index = this.#countRows(chunk, index);
    }
    this.#offset += chunk.length;
  }

  end(): ScannedDump {
    if (this.#head.length > 0) this.#lastLine = this.#head.toString("utf8");
    this.#closePart(this.#offset);
    return {
      counts: Object.fromEntries(this.#counts),
      databases: [...this.#databases.values()],
      preamble: { start: 0, end: this.#preambleEnd ?? this.#offset },
      complete: this.#lastLine.startsWith("-- Dump completed"),
      withheld: this.#withheld,
    };
  }

  /** Collects the first part of a line, until it is clear what it is. */
  #readHead(chunk: Buffer, index: number): number {
    if (this.#head.length === 0) this.#lineStart = this.#offset + index;
    const end = chunk.indexOf(lineFeed, index);
    const stop = Math.min(end < 0 ? chunk.length : end, index + headLength - this.#head.length);
    this.#head = Buffer.concat([this.#head, chunk.subarray(index, stop)]);
    const whole = stop === end;
    if (!whole && this.#head.length < headLength) return stop;
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    if (!this.#inBody && head.subarray(0, 13).equals(insertInto)) {
      const rowsFrom = this.#beginRows(head);
      if (rowsFrom !== undefined) {
        // What was collected may hold rows already: they are counted before the chunk goes on.
        this.#countRows(head, rowsFrom);
        return stop;
      }
    }
    this.#readLine(head.toString("utf8"));
    this.#state = whole ? "line" : "rest";
    return whole ? stop + 1 : stop;
  }

  #skipLine(chunk: Buffer, index: number): number {
    const end = chunk.indexOf(lineFeed, index);
    if (end < 0) return chunk.length;
    this.#state = "line";
    return end + 1;
  }

  #readLine(line: string): void {
    if (line !== "") this.#lastLine = line;
    if (this.#inBody) {
      if (/^DELIMITER ;$/.test(line.trimEnd())) this.#inBody = false;
      return;
    }
    if (/^DELIMITER \S/.test(line)) this.#inBody = true;
    else if (line.startsWith("CREATE TABLE `")) this.#counts.set(this.#key(nameIn(line, 13).name), 0);
    else if (line.startsWith("USE `"))
      this.#beginDatabase(nameIn(line, 4).name, this.#lineStart + Buffer.byteLength(line) + 1);
    else if (line.startsWith("-- Current Database: `")) {
      this.#preambleEnd ??= this.#lineStart;
      this.#closePart(this.#lineStart);
    } else if (line.startsWith("-- Dumping events for database")) this.#beginPart("events", this.#lineStart);
    else if (line.startsWith("-- Dumping routines for database")) this.#beginPart("body", this.#lineStart);
    else if (/^-- insufficient privileges/i.test(line)) this.#withheld.push(line.slice(3));
  }

  #beginDatabase(name: string, start: number): void {
    this.#database = name;
    if (!this.#databases.has(name)) this.#databases.set(name, { name, body: [], events: [] });
    this.#beginPart("body", start);
  }

  #beginPart(part: "body" | "events", start: number): void {
    this.#closePart(start);
    const ranges = this.#databases.get(this.#database)?.[part];
    if (ranges !== undefined) this.#part = { ranges, start };
  }

  #closePart(end: number): void {
    if (this.#part !== undefined && end > this.#part.start) this.#part.ranges.push({ start: this.#part.start, end });
    this.#part = undefined;
  }

  /** Gives where the rows begin; undefined when the line is not an INSERT of rows. */
  #beginRows(head: Buffer): number | undefined {
    const line = head.toString("latin1");
    const { end } = nameIn(line, 12);
    const values = valuesAfter(line, end);
    if (values === undefined) return undefined;
    this.#table = this.#key(nameIn(head.subarray(0, end).toString("utf8"), 12).name);
    this.#rows = 0;
    this.#depth = 0;
    this.#state = "rows";
    return values;
  }

  #countRows(chunk: Buffer, from: number): number {
    let state = this.#state;
    let depth = this.#depth;
    let rows = this.#rows;
    let index = from;
    const { length } = chunk;
    while (index < length) {
      const byte = chunk[index];
      index += 1;
      if (state === "string") {
        if (byte === backslash) state = "escape";
        else if (byte === quote) state = "rows";
      } else if (state === "escape") state = "string";
      else if (byte === quote) state = "string";
      else if (byte === open) {
        if (depth === 0) rows += 1;
        depth += 1;
      } else if (byte === 0x29) depth -= 1;
      else if (byte === semicolon && depth === 0) {
        this.#counts.set(this.#table, (this.#counts.get(this.#table) ?? 0) + rows);
        state = "rest";
        break;
      }
    }
    this.#state = state;
    this.#depth = depth;
    this.#rows = rows;
    return index;
  }

  #key(table: string): string {
    return this.#qualified ? `${this.#database}.${table}` : table;
  }
}

const insertInto = Buffer.from("INSERT INTO `");

/** The name in backticks that begins at `at`, and where it ends. */
function nameIn(line: string, at: number): { name: string; end: number } {
  let index = at + 1;
  while (index < line.length) {
    if (line[index] === "`") {
      if (line[index + 1] !== "`") break;
      index += 1;
    }
    index += 1;
  }
  return { name: line.slice(at + 1, index).replaceAll("``", "`"), end: index + 1 };
}

/** Where the rows begin, behind `VALUES` and a list of columns that may stand before it. */
function valuesAfter(line: string, from: number): number | undefined {
  let index = from;
  while (index < line.length) {
    if (line[index] === "`") index = nameIn(line, index).end;
    else if (line.startsWith("VALUES", index)) return index + "VALUES".length;
    else index += 1;
  }
  return undefined;
}
