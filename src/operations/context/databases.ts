import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openDatabase } from "../../adapters/databases/registry.ts";
import { privateFolder } from "../../base/files/atomic.ts";
import type { Database, DatabaseDeclaration } from "../../domain/database.ts";
import type { Holdfast } from "./holdfast.ts";
import { secretResolver } from "./secrets.ts";

/** Opens a declared database, with a scratch folder of its own: two apps may each have a database of the same name. */
export async function openDeclared(holdfast: Holdfast, declaration: DatabaseDeclaration): Promise<Database> {
  const scratch = join(await holdfast.scratch(), randomUUID().slice(0, 8));
  await privateFolder(scratch);
  return await openDatabase(declaration, {
    name: declaration.name,
    executor: holdfast.device,
    scratch,
    resolveSecret: secretResolver(holdfast),
    async owe(moves) {
      const work = moves.filter((move) => move.brings).map((move) => move.fresh);
      const owed = await holdfast.journal.incur({ kind: "put-back", moves, carried: [], kept: [], work });
      return async () => await holdfast.journal.settle(owed);
    },
  });
}
