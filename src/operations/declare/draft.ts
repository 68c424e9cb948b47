import type { Transaction } from "kysely";
import { failure, HoldfastError, type Problem } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { Inventory, Reference } from "../../domain/declaration.ts";
import { apiOrigin, builtInOrigin } from "../../domain/origin.ts";
import { namesOf, type NamedKind } from "../../domain/set-aside.ts";
import {
  changeDeclaration,
  declarationRows,
  stampDeclarations,
  insertDeclaration,
  removeDeclaration,
  type DeclarationRow,
} from "../../state/queries/declarations.ts";
import { dropSealed, putSealed } from "../../state/queries/secrets.ts";
import type { Schema } from "../../state/schema.ts";
import { writing } from "../../state/transaction.ts";
import { inventoryOf, toldBy } from "../context/declared.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { bodyOf, type Body } from "./body.ts";

export type DraftKind = "app" | "destination" | "policy" | "configuration";

/** What is declared at this moment, and what is to become of it, within one transaction. */
export interface Draft {
  transaction: Transaction<Schema>;
  inventory: Inventory;
  /** Names that files and the environment declare, or tried to. */
  names: Record<NamedKind, ReadonlyMap<string, string>>;
  /** Who names what. */
  references: Reference[];
  body(kind: DraftKind, name: string): Body | undefined;
  /** Adds it, or puts it in the place of what the API declared under this name before. */
  put(kind: DraftKind, name: string, body: Body): Promise<void>;
  remove(kind: DraftKind, name: string): Promise<void>;
  seal(name: string, secret: Secret): Promise<void>;
  unseal(names: readonly string[]): Promise<void>;
}

export interface Change {
  /** Who asked, such as `user:anna`. */
  by: string;
}

/**
 * Changes what the API declared: all that `work` does, or nothing. Refuses what would leave anything declared with a problem
 * that it did not have, such as a name that nobody declares. Who works with what is declared has to read it anew afterwards.
 */
export async function changing<T>(holdfast: Holdfast, { by }: Change, work: (draft: Draft) => Promise<T>): Promise<T> {
  // Outside of the transaction: it may have to look into the state.
  const vault = await holdfast.vault();
  const { sources, stored, deviceName: device } = holdfast;
  const ground = { home: holdfast.home.root, device, sources, stored };
  return await writing(holdfast.state, async (transaction) => {
    await stampDeclarations(transaction);
    const told = await toldBy(ground, transaction);
    const rows = new Map((await declarationRows(transaction)).map((row) => [keyOf(row.kind, row.name), row]));
    const inventory = inventoryOf(ground, [...rows.values()], told);
    const references = [...sources.ranked.map(({ declared }) => declared), stored.read([...rows.values()])];
    const at = holdfast.clock.now().toISOString();
    const result = await work({
      transaction,
      inventory,
      names: {
        app: namesOf("app", sources.ranked),
        destination: namesOf("destination", sources.ranked),
        policy: namesOf("policy", sources.ranked),
      },
      references: references.flatMap((declared) => declared.references ?? []),
      body(kind, name) {
        const row = rows.get(keyOf(kind, name));
        return row === undefined ? undefined : bodyOf(row);
      },
      async put(kind, name, body) {
        const before = rows.get(keyOf(kind, name));
        const row: DeclarationRow = {
          kind,
          name,
          body: JSON.stringify(body),
          created_at: before?.created_at ?? at,
          updated_at: at,
          created_by: before?.created_by ?? by,
        };
        rows.set(keyOf(kind, name), row);
        await (before === undefined ? insertDeclaration(transaction, row) : changeDeclaration(transaction, row));
      },
      async remove(kind, name) {
        rows.delete(keyOf(kind, name));
        await removeDeclaration(transaction, kind, name);
      },
      seal: async (name, secret) => await putSealed(transaction, name, vault.seal(name, secret), at),
      async unseal(names) {
        for (const name of names) await dropSealed(transaction, name);
      },
    });
    const after = inventoryOf(ground, [...rows.values()], told);
    const [trouble] = newProblems(inventory, after);
    if (trouble !== undefined) throw new HoldfastError(trouble);
    return result;
  });
}

function keyOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}

function newProblems(before: Inventory, after: Inventory): Problem[] {
  const known = new Set(before.problems.map((one) => JSON.stringify(one)));
  return after.problems.filter((one) => !known.has(JSON.stringify(one)));
}

const listOf = {
  app: ({ apps }: Inventory) => apps,
  destination: ({ destinations }: Inventory) => destinations,
  policy: ({ policies }: Inventory) => policies,
} as const;

/** Throws HF_NAME_TAKEN for a name that anybody has declared, also where the declaration has a mistake. */
export function needFree(draft: Draft, kind: NamedKind, name: string): void {
  const taken =
    listOf[kind](draft.inventory).some((one) => one.name === name) ||
    draft.names[kind].has(name) ||
    draft.body(kind, name) !== undefined;
  if (taken) throw failure("HF_NAME_TAKEN", { kind, name });
}

/** Throws HF_DECLARED_ELSEWHERE unless the API declared it or Holdfast itself did. */
export function needOpen(kind: string, { name, origin }: { name: string; origin: string }): void {
  if (origin === apiOrigin || origin === builtInOrigin) return;
  throw failure("HF_DECLARED_ELSEWHERE", { what: `The ${kind} ${name}`, origin });
}

/** Throws HF_IN_USE, which says who, when anything declared names it. */
export function needUnused({ references }: Draft, kind: "destination" | "policy", name: string): void {
  const using = references.filter(({ to }) => to.kind === kind && to.name === name);
  const users = [...new Set(using.map(({ by }) => `the ${by.kind} ${by.name}`))].sort();
  if (users.length === 0) return;
  const shown = users.slice(0, 5).join(", ");
  const more = users.length > 5 ? ` and ${users.length - 5} more` : "";
  throw failure("HF_IN_USE", { kind, name, users: `${shown}${more}` });
}
