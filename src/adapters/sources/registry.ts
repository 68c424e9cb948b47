import { z } from "zod";
import { problem, type Problem } from "../../base/errors/error.ts";
import type { DumpExport } from "../../domain/app.ts";
import { nameSchema } from "../../domain/atoms/name.ts";
import type { AppDeclaration, LeftOut } from "../../domain/declaration.ts";
import { appName, policyName } from "../../domain/names.ts";
import { readList, type ListEntry } from "./entry-list.ts";
import { toProblems } from "./issues.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import type { DeclaredKind } from "./kind-entry.ts";
import { nearest } from "./nearest.ts";

const text = z.string();
const port = z.union([z.int(), text.regex(/^\d{1,5}$/, "a port number").transform(Number)]);

/** One entry of BACKUP_DB_REGISTRY. `env_file` and whatever else such registries carry is let through. */
const entrySchema = z.looseObject({
  name: nameSchema,
  type: text,
  host: text.optional(),
  port: port.optional(),
  database: text.optional(),
  username: text.optional(),
  password_env: text.optional(),
});

/** Names that other tools use for a type that we know by another one. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  postgresql: ["postgres"],
  pgsql: ["postgres"],
  mysql: ["mariadb"],
  mariadb: ["mysql"],
};

export interface RegistryOptions {
  databases: readonly DeclaredKind[];
  /** App names that are in use: a database of that name becomes NAME-database. */
  taken: ReadonlySet<string>;
  help: string;
  export?: DumpExport;
}

/** Each database of BACKUP_DB_REGISTRY as an app of its own, captured before the sets that may hold its dumps. */
export function readRegistry(
  registry: string,
  options: RegistryOptions,
): { apps: AppDeclaration[]; problems: Problem[]; leftOut: LeftOut[] } {
  const { databases, taken, help } = options;
  const list = readList({ text: registry, name: "BACKUP_DB_REGISTRY", lines: false }, entrySchema, help);
  const apps: AppDeclaration[] = [];
  const problems = [...list.problems];
  const lost = [...list.lost];
  for (const entry of list.entries) {
    const { item } = entry;
    const database = databaseOf(entry, databases, help);
    if ("problems" in database) {
      problems.push(...database.problems);
      lost.push(item.name);
      continue;
    }
    apps.push({
      name: appName(freeName(item.name, taken)),
      origin: "environment",
      databases: [{ name: item.name, ...database }],
      policy: policyName("environment"),
      order: 0,
      ...(options.export === undefined ? {} : { export: options.export }),
    });
  }
  return { apps, problems, leftOut: lost.map((name) => ({ kind: "app", name: freeName(name, taken) })) };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${name}-database`, taken) : name;
}

function databaseOf(
  { item, place }: ListEntry<z.output<typeof entrySchema>>,
  kinds: readonly DeclaredKind[],
  help: string,
): { type: string; spec: unknown } | { problems: Problem[] } {
  const wanted = item.type.toLowerCase();
  const kind = [wanted, ...(aliases[wanted] ?? [])]
    .flatMap((type) => kinds.filter((known) => known.type === type))
    .at(0);
  if (kind === undefined) {
    const types = kinds.map(({ type }) => type);
    const close = nearest(wanted, types);
    const suggestion = close === undefined ? help : `Did you mean ${close}?`;
    const expected = `one of ${types.join(", ")}`;
    const where = { place: place(["type"]), expected, found: JSON.stringify(item.type), suggestion };
    return { problems: [problem("HF_CONFIG_INVALID", where)] };
  }
  const { host, port, database, username, password_env: variable } = item;
  const password = variable === undefined ? undefined : { env: variable };
  // People's own scripts around the dump folder expect SQL text.
  const format = kind.type === "postgres" ? "plain" : undefined;
  const fields = Object.entries({ host, port, database, username, password, format }).filter(
    ([, value]) => value !== undefined,
  );
  const value = Object.fromEntries(fields);
  const parsed = kind.spec.safeParse(value);
  if (parsed.success) return { type: kind.type, spec: parsed.data };
  const inRegistry = (path: (string | number)[]): string => place(path[0] === "password" ? ["password_env"] : path);
  return {
    problems: toProblems(parsed.error.issues, { value, schema: jsonSchemaOf(kind.spec), place: inRegistry, help }),
  };
}
