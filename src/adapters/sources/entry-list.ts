import type { z } from "zod";
import { problem, type Problem } from "../../base/errors/error.ts";
import { parseSource, type Path } from "./document.ts";
import { toProblems } from "./issues.ts";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";
import { nearest } from "./nearest.ts";

/** A JSON list of named entries: in a variable (then there are no lines to tell of) or in a file. */
export interface ListText {
  text: string;
  name: string;
  lines: boolean;
}

export interface ListEntry<Item> {
  item: Item;
  /** Where a value of the entry stands. */
  place: (path: (string | number)[]) => string;
}

export interface EntryList<Item> {
  entries: ListEntry<Item>[];
  problems: Problem[];
  /** Names of entries that cannot be used, as far as they are known. */
  lost: string[];
}

/**
 * Reads a list of entries one by one, so that a bad one takes no other with it. Keys of other tools are let through, but
 * one that looks like a mistyped key of ours is an error; null and empty texts count as absent, as Terraform writes them.
 */
export function readList<Item extends { name: string }>(
  source: ListText,
  schema: z.ZodType<Item>,
  help: string,
): EntryList<Item> {
  const document = parseSource(source.text, source.name, { lines: source.lines, help });
  const list: EntryList<Item> = { entries: [], problems: [...document.problems], lost: [] };
  if (list.problems.length > 0) return list;
  const plain = document.plain(document.root, []);
  if ("problem" in plain) return { ...list, problems: [plain.problem] };
  if (!Array.isArray(plain.value)) {
    list.problems.push(invalid(document.place([]), "a JSON list", "something else", help));
    return list;
  }
  const jsonSchema = jsonSchemaOf(schema);
  for (const [index, written] of plain.value.entries()) {
    const place = (path: Path, at?: "value" | "key"): string => document.place([index, ...path], at);
    const value = present(written);
    const parsed = schema.safeParse(value);
    const problems = parsed.success ? [] : toProblems(parsed.error.issues, { value, schema: jsonSchema, place, help });
    problems.push(...mistyped(value, jsonSchema, place));
    const name = nameOf(value);
    if (name !== undefined && list.entries.some(({ item }) => item.name === name)) {
      problems.push(invalid(place(["name"]), "each name once", `${JSON.stringify(name)} again`, help));
    } else if (problems.length > 0 && name !== undefined) list.lost.push(name);
    if (parsed.success && problems.length === 0) list.entries.push({ item: parsed.data, place });
    list.problems.push(...problems);
  }
  return list;
}

function mistyped(value: unknown, schema: JsonSchema, place: (path: Path, at: "key") => string): Problem[] {
  const known = Object.keys(schema.properties ?? {});
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.keys(value).flatMap((key) => {
    const close = known.includes(key) ? undefined : nearest(key, known);
    if (close === undefined) return [];
    const found = `the unknown key ${JSON.stringify(key)}`;
    return [invalid(place([key], "key"), "a known key", found, `Did you mean ${close}?`)];
  });
}

function present(entry: unknown): unknown {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return entry;
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null && value !== ""));
}

function nameOf(entry: unknown): string | undefined {
  const name: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "name") : undefined;
  return typeof name === "string" ? name : undefined;
}

function invalid(place: string, expected: string, found: string, suggestion: string): Problem {
  return problem("HF_CONFIG_INVALID", { place, expected, found, suggestion });
}
