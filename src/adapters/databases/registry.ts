import type { ZodType } from "zod";
import { failure } from "../../base/errors/error.ts";
import type { Database, DatabaseContext, DatabaseDeclaration } from "../../domain/database.ts";
import type { Kind } from "../../domain/kind.ts";
import { mysqlSpec } from "./mysql/spec.ts";
import { postgresSpec } from "./postgres/spec.ts";
import { redisSpec } from "./redis/spec.ts";
import { sqliteSpec } from "./sqlite/spec.ts";

/** An engine whose spec is checked again where it is opened. Specs are idempotent: what was parsed parses again. */
export interface DatabaseKind {
  type: string;
  spec: ZodType;
  open(spec: unknown, context: DatabaseContext): Promise<Database>;
}

/** Every database engine that Holdfast knows. A new engine is one new module and one line here. */
export const databaseKinds: readonly DatabaseKind[] = [
  listed("postgres", postgresSpec, async () => (await import("./postgres/postgres.ts")).postgres),
  listed("redis", redisSpec, async () => (await import("./redis/redis.ts")).redis),
  listed("mysql", mysqlSpec, async () => (await import("./mysql/mysql.ts")).mysql),
  listed("mariadb", mysqlSpec, async () => (await import("./mysql/mysql.ts")).mariadb),
  listed("sqlite", sqliteSpec, async () => (await import("./sqlite/sqlite.ts")).sqlite),
];

/** Opens the declared database; nothing is reached yet. Throws HF_UNKNOWN_NAME, HF_CONFIG_INVALID. */
export async function openDatabase(declaration: DatabaseDeclaration, context: DatabaseContext): Promise<Database> {
  const kind = databaseKinds.find(({ type }) => type === declaration.type);
  if (kind === undefined) {
    const known = databaseKinds.map(({ type }) => type).join(", ");
    throw failure("HF_UNKNOWN_NAME", {
      kind: "database type",
      name: declaration.type,
      suggestion: `These are known: ${known}.`,
    });
  }
  return await kind.open(declaration.spec, context);
}

/** An engine is loaded when it is opened: what only reads the configuration (`holdfast status`) does not wait for it. */
function listed<Type extends string, Spec>(
  type: Type,
  spec: ZodType<Spec>,
  load: () => Promise<Kind<Type, Spec, DatabaseContext, Database>>,
): DatabaseKind {
  return {
    type,
    spec,
    open: async (raw, context) => {
      const parsed = spec.safeParse(raw);
      if (parsed.success) return await (await load()).open(parsed.data, context);
      const [issue] = parsed.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? "" : `, ${issue.path.join(".")}`;
      throw failure("HF_CONFIG_INVALID", {
        place: `database ${context.name}${where}`,
        expected: issue?.message ?? `a ${type} database`,
        found: "something else",
        suggestion: "Correct its declaration.",
      });
    },
  };
}
