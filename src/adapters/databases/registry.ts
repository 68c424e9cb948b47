import type { ZodType } from "zod";
import { failure } from "../../base/errors/error.ts";
import type { Database, DatabaseContext, DatabaseDeclaration } from "../../domain/database.ts";
import type { Kind } from "../../domain/kind.ts";
import { mariadb, mysql } from "./mysql/mysql.ts";
import { postgres } from "./postgres/postgres.ts";
import { redis } from "./redis/redis.ts";
import { sqlite } from "./sqlite/sqlite.ts";

/** An engine whose spec is checked again where it is opened. Specs are idempotent: what was parsed parses again. */
export interface DatabaseKind {
  type: string;
  spec: ZodType;
  open(spec: unknown, context: DatabaseContext): Promise<Database>;
}

/** Every database engine that Holdfast knows. A new engine is one new module and one line here. */
export const databaseKinds: readonly DatabaseKind[] = [
  listed(postgres),
  listed(redis),
  listed(mysql),
  listed(mariadb),
  listed(sqlite),
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

function listed<Type extends string, Spec>(kind: Kind<Type, Spec, DatabaseContext, Database>): DatabaseKind {
  return {
    type: kind.type,
    spec: kind.spec,
    open: async (raw, context) => {
      const parsed = kind.spec.safeParse(raw);
      if (parsed.success) return await kind.open(parsed.data, context);
      const [issue] = parsed.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? "" : `, ${issue.path.join(".")}`;
      throw failure("HF_CONFIG_INVALID", {
        place: `database ${context.name}${where}`,
        expected: issue?.message ?? `a ${kind.type} database`,
        found: "something else",
        suggestion: "Correct its declaration.",
      });
    },
  };
}
