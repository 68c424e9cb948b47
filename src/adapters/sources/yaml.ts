import { readFile } from "node:fs/promises";
import { problem, type Problem } from "../../base/errors/error.ts";
import type { Declared, Source } from "../../domain/declaration.ts";
import { appNameSchema, labelSchema, nameSchema } from "../../domain/atoms/name.ts";
import { parseSource, type Member, type SourceDocument } from "./document.ts";
import { entrySchema, interpret, kindOf, nothing, sections, type Section } from "./entries.ts";
import { toProblems } from "./issues.ts";
import { nearest } from "./nearest.ts";
import type { JsonSchema } from "./json-schema.ts";
import { configSchema, type ConfigSchema, type Kinds } from "./schema.ts";

const help = "See docs/configuration.md.";

const known = [...sections, "daemon"];
const nameSchemas = {
  destinations: labelSchema,
  policies: labelSchema,
  apps: appNameSchema,
  notifications: nameSchema,
} as const;

export interface YamlOptions {
  kinds: Kinds;
  /** This device's name. */
  device: string;
}

/** A holdfast.yaml. A file that is not there, or not readable, is a problem of its own. */
export function yamlSource(path: string, options: YamlOptions): Source {
  return {
    origin: path,
    read: async () => {
      try {
        return readConfig(await readFile(path, "utf8"), path, options);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
        const detail = error.code === "ENOENT" ? "there is no such file." : `${error.message}.`;
        return { ...nothing(), problems: [problem("HF_CONFIG_UNREADABLE", { path, detail })] };
      }
    },
  };
}

/** Reads the text of a holdfast.yaml: everything that is right, and a problem for each thing that is not. */
export function readConfig(text: string, file: string, options: YamlOptions): Declared {
  const document = parseSource(text, file, { lines: true, help });
  const declared = nothing();
  declared.problems.push(...document.problems);
  if (document.problems.length > 0 || document.root === null) return declared;
  const top = document.members(document.root);
  if (top === undefined) {
    declared.problems.push(
      invalid(document.place([]), "a map with apps, policies, destinations", "something else", help),
    );
    return declared;
  }
  const schema = configSchema(options.kinds);
  // Only messages need it, and it costs more than reading a file that is right.
  let made: JsonSchema | undefined;
  const jsonSchema = (): JsonSchema => (made ??= schema.jsonSchema());
  for (const [index, member] of top.entries()) {
    if (top.findIndex(({ key }) => key === member.key) < index) {
      const place = document.place([member.key], "key");
      declared.problems.push(
        invalid(place, "each key once", `${JSON.stringify(member.key)} more than once`, "Join them."),
      );
    }
    const section = sections.find((name) => name === member.key);
    const reading = { document, file, options, schema, jsonSchema, declared };
    if (section !== undefined) readSection(section, member, reading);
    else if (member.key === "daemon") readDaemon(member, reading);
    else declared.problems.push(unknownSection(member.key, document));
  }
  return declared;
}

interface Reading {
  document: SourceDocument;
  file: string;
  options: YamlOptions;
  schema: ConfigSchema;
  jsonSchema: () => JsonSchema;
  declared: ReturnType<typeof nothing>;
}

function unknownSection(key: string, document: SourceDocument): Problem {
  const close = nearest(key, known);
  const later =
    key === "devices"
      ? "Devices over SSH are not part of this version: Holdfast backs up the machine it runs on."
      : undefined;
  const suggestion = later ?? (close === undefined ? `Known here are: ${known.join(", ")}.` : `Did you mean ${close}?`);
  return invalid(document.place([key], "key"), "a known key", `the unknown key ${JSON.stringify(key)}`, suggestion);
}

/** How the daemon works: one map, not entries by name. A mistake in it leaves all of it at its defaults. */
function readDaemon({ value }: Member, { document, schema, jsonSchema, declared }: Reading): void {
  const path = ["daemon"];
  const plain = document.plain(value, path);
  const problems = document.duplicates(value, path);
  if ("problem" in plain) problems.push(plain.problem);
  else {
    const raw = plain.value ?? {};
    const parsed = schema.daemon.safeParse(raw);
    const place = (inside: (string | number)[], at?: "value" | "key"): string =>
      document.place([...path, ...inside], at);
    if (parsed.success) declared.settings.daemon = parsed.data;
    else {
      const own = jsonSchema().properties?.["daemon"] ?? {};
      problems.push(...toProblems(parsed.error.issues, { value: raw, schema: own, place, help }));
    }
  }
  declared.problems.push(...problems);
}

function readSection(section: Section, { value }: Member, reading: Reading): void {
  const { document, declared } = reading;
  const plain = document.plain(value, [section]);
  if ("value" in plain && plain.value === null) return;
  const members = document.members(value);
  if (members === undefined) {
    declared.problems.push(
      invalid(document.place([section]), `a map: each ${kindOf[section]} under its name`, "something else", help),
    );
    return;
  }
  const seen = new Set<string>();
  for (const member of members) {
    const twice = seen.has(member.key) || members.filter(({ key }) => key === member.key).length > 1;
    if (!seen.has(member.key)) readEntry(section, member, twice, reading);
    seen.add(member.key);
  }
}

/** Reads one entry; when anything is wrong with it, it is left out whole and its problems say why. */
function readEntry(section: Section, { key: name, value }: Member, twice: boolean, reading: Reading): void {
  const { document, declared, jsonSchema, file, options, schema } = reading;
  const path = [section, name];
  const problems: Problem[] = [];
  if (twice)
    problems.push(
      invalid(
        document.place(path, "key"),
        "each name once",
        `${JSON.stringify(name)} more than once`,
        "Rename one of them, or make one of the two.",
      ),
    );
  const named = nameSchemas[section].safeParse(name);
  if (!named.success) {
    const expected = named.error.issues[0]?.message ?? "a name";
    problems.push(
      invalid(document.place(path, "key"), expected, JSON.stringify(name), "Names become tags and folder names."),
    );
  }
  problems.push(...document.duplicates(value, path));
  const plain = document.plain(value, path);
  const raw = "value" in plain ? (plain.value ?? {}) : {};
  const place = (inside: (string | number)[], at?: "value" | "key"): string => document.place([...path, ...inside], at);
  const found = interpret[section](raw, schema, { name, origin: file, device: options.device, place });
  if ("problem" in plain) problems.push(plain.problem);
  else
    problems.push(
      ...("issues" in found
        ? toProblems(found.issues, { value: raw, schema: entrySchema(jsonSchema(), section), place, help })
        : found.problems),
    );
  declared.problems.push(...problems);
  if (problems.length > 0 || "issues" in found) declared.leftOut.push({ kind: kindOf[section], name });
  else found.add(declared);
}

function invalid(place: string, expected: string, found: string, suggestion: string): Problem {
  return problem("HF_CONFIG_INVALID", { place, expected, found, suggestion });
}
