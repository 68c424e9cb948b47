import { z } from "zod";
import { problem, type Problem } from "../../base/errors/error.ts";
import { labelSchema, appNameSchema } from "../../domain/atoms/name.ts";
import { pathSchema } from "../../domain/atoms/path.ts";
import { patternSchema } from "../../domain/atoms/pattern.ts";
import type { ConfigurationDeclaration } from "../../domain/configuration.ts";
import type { ApiDeclared, Reference } from "../../domain/declaration.ts";
import { appName, policyName } from "../../domain/names.ts";
import { apiOrigin } from "../../domain/origin.ts";
import { dotted, type Path } from "./document.ts";
import { entrySchema, interpret, nothing, type Section } from "./entries.ts";
import { toProblems } from "./issues.ts";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";
import { configSchema, type ConfigSchema, type Kinds } from "./schema.ts";

export const storedKinds = ["destination", "policy", "app", "configuration"] as const;
export type StoredKind = (typeof storedKinds)[number];

/** What the API declared, as the state keeps it. */
export interface StoredRow {
  kind: string;
  name: string;
  /** JSON of the entry as it could stand in holdfast.yaml, each secret replaced by `{ "sealed": NAME }`. */
  body: string;
}

export interface StoredSource {
  /** Everything that is right, and a problem for each row that is not. Rows that are the same as last time cost nothing. */
  read(rows: readonly StoredRow[]): ApiDeclared;
}

const sectionOf = { destination: "destinations", policy: "policies", app: "apps" } as const satisfies Record<
  Exclude<StoredKind, "configuration">,
  Section
>;
const help = "It was made through the API: correct or delete it there.";

const configuration = z.strictObject({
  policy: labelSchema.optional(),
  include_paths: z.array(pathSchema).optional(),
  exclude_paths: z.array(patternSchema).optional(),
  backup_volumes: z.boolean().optional(),
  backup_compose: z.boolean().optional(),
  backup_env: z.boolean().optional(),
  enabled: z.boolean().optional(),
});

/** Reads what the API declared, by the schemas of holdfast.yaml itself. */
export function storedSource(options: { kinds: Kinds; device: string }): StoredSource {
  let schema: ConfigSchema | undefined;
  const reader = { ...options, schema: (): ConfigSchema => (schema ??= configSchema(options.kinds)) };
  let read = new Map<string, { body: string; found: ApiDeclared }>();
  return {
    read(rows) {
      const now: typeof read = new Map();
      for (const row of rows) {
        const key = `${row.kind} ${row.name}`;
        const before = read.get(key);
        now.set(key, before?.body === row.body ? before : { body: row.body, found: readRow(row, reader) });
      }
      read = now;
      return joined(now.values());
    },
  };
}

type Whole = ReturnType<typeof nothing> & ApiDeclared;

function empty(): Whole {
  return { ...nothing(), configurations: [] };
}

/** One pass: a thousand rows are joined whenever one of them changes. */
function joined(parts: Iterable<{ found: ApiDeclared }>): ApiDeclared {
  const all = empty();
  for (const { found } of parts) {
    all.apps.push(...found.apps);
    all.policies.push(...found.policies);
    all.destinations.push(...found.destinations);
    all.configurations.push(...found.configurations);
    all.problems.push(...found.problems);
    all.references.push(...(found.references ?? []));
    all.leftOut.push(...(found.leftOut ?? []));
  }
  return all;
}

interface Reader {
  schema(): ConfigSchema;
  device: string;
}

function readRow({ kind, name, body }: StoredRow, reader: Reader): ApiDeclared {
  const declared = empty();
  const known = storedKinds.find((one) => one === kind);
  const place = (path: Path): string =>
    [`${kind} ${name} of the ${apiOrigin}`, dotted(path)].filter((part) => part !== "").join(": ");
  const lose = (problems: Problem[]): ApiDeclared => {
    declared.problems.push(...problems);
    if (known !== undefined) declared.leftOut.push({ kind: known, name });
    return declared;
  };
  if (known === undefined) return lose([invalid(place([]), `one of ${storedKinds.join(", ")}`, "another kind")]);
  const named = (known === "app" || known === "configuration" ? appNameSchema : labelSchema).safeParse(name);
  if (!named.success) return lose([invalid(place([]), named.error.issues[0]?.message ?? "a name", "another name")]);
  const value = parsed(body);
  if (value === undefined) return lose([invalid(place([]), "JSON", "something else")]);
  if (known === "configuration") {
    const found = configuration.safeParse(value);
    if (!found.success) {
      return lose(toProblems(found.error.issues, { value, schema: jsonSchemaOf(configuration), place, help }));
    }
    declared.configurations.push(declareConfiguration(name, found.data));
    declared.references.push(...referencesOf(name, found.data, place));
    return declared;
  }
  const section = sectionOf[known];
  const context = { name, origin: apiOrigin, device: reader.device, place };
  const found = interpret[section](revived(value), reader.schema(), context);
  if ("issues" in found) {
    const own: JsonSchema = entrySchema(reader.schema().jsonSchema(), section);
    return lose(toProblems(found.issues, { value, schema: own, place, help }));
  }
  if (found.problems.length > 0) return lose(found.problems);
  found.add(declared);
  return declared;
}

function declareConfiguration(name: string, entry: z.output<typeof configuration>): ConfigurationDeclaration {
  const { backup_volumes: volumes, backup_compose: compose, backup_env: env } = entry;
  const scope = {
    ...(volumes === undefined ? {} : { volumes }),
    ...(compose === undefined ? {} : { compose }),
    ...(env === undefined ? {} : { env }),
  };
  return {
    app: appName(name),
    scope,
    ...(entry.policy === undefined ? {} : { policy: policyName(entry.policy) }),
    ...(entry.include_paths === undefined ? {} : { includePaths: [...new Set(entry.include_paths)] }),
    ...(entry.exclude_paths === undefined ? {} : { excludePaths: entry.exclude_paths }),
    ...(entry.enabled === undefined ? {} : { enabled: entry.enabled }),
  };
}

function referencesOf(
  name: string,
  { policy }: z.output<typeof configuration>,
  place: (path: Path) => string,
): Reference[] {
  if (policy === undefined || policy === "default") return [];
  return [{ place: place(["policy"]), by: { kind: "configuration", name }, to: { kind: "policy", name: policy } }];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const sealed = z.strictObject({ sealed: z.string() });

/** References to sealed secrets, made here: whoever writes `{ sealed: … }` into a file would reach secrets of others. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const found = sealed.safeParse(value);
  if (found.success) return { from: "sealed", name: found.data.sealed };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]));
}

function invalid(place: string, expected: string, found: string): Problem {
  return problem("HF_CONFIG_INVALID", { place, expected, found, suggestion: help });
}
