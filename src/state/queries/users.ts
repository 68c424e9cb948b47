import type { Selectable } from "kysely";
import type { AccessScope } from "../../domain/access.ts";
import type { Database } from "../open.ts";
import type { UsersTable } from "../schema.ts";

export interface User {
  id: string;
  name: string;
  /** argon2id, encoded; absent for those who only come by OIDC. */
  passwordHash?: string;
  oidcSubject?: string;
  scope: AccessScope;
  createdAt: string;
  disabledAt?: string;
}

export async function listUsers(db: Database): Promise<User[]> {
  const rows = await db.selectFrom("users").selectAll().orderBy("name").execute();
  return rows.map(fromRow);
}

export async function hasUsers(db: Database): Promise<boolean> {
  return (await db.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}

export async function findUser(
  db: Database,
  by: { id: string } | { name: string } | { oidcSubject: string },
): Promise<User | undefined> {
  const query = db.selectFrom("users").selectAll();
  const row = await (
    "id" in by
      ? query.where("id", "=", by.id)
      : "name" in by
        ? query.where("name", "=", by.name)
        : query.where("oidc_subject", "=", by.oidcSubject)
  ).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** False when there is one of that name already. */
export async function addUser(db: Database, user: User): Promise<boolean> {
  const added = await db
    .insertInto("users")
    .values({
      id: user.id,
      name: user.name,
      password_hash: user.passwordHash ?? null,
      oidc_subject: user.oidcSubject ?? null,
      scope: user.scope,
      created_at: user.createdAt,
      disabled_at: user.disabledAt ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}

export interface UserChange {
  scope?: AccessScope | undefined;
  passwordHash?: string | undefined;
  /** null lets them in again. */
  disabledAt?: string | null | undefined;
}

export async function changeUser(db: Database, id: string, change: UserChange): Promise<void> {
  const set = {
    ...(change.scope === undefined ? {} : { scope: change.scope }),
    ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
    ...(change.disabledAt === undefined ? {} : { disabled_at: change.disabledAt }),
  };
  if (Object.keys(set).length > 0) await db.updateTable("users").set(set).where("id", "=", id).execute();
}

/** Their sessions go with them. */
export async function deleteUser(db: Database, id: string): Promise<void> {
  await db.deleteFrom("sessions").where("user_id", "=", id).execute();
  await db.deleteFrom("users").where("id", "=", id).execute();
}

/** Admins who are not disabled. Within a transaction nobody else changes them until its end. */
export async function holdAdmins(db: Database): Promise<User[]> {
  // An update of nothing: PostgreSQL locks the rows by it; SQLite's writers take turns anyway.
  await db
    .updateTable("users")
    .set((expression) => ({ scope: expression.ref("scope") }))
    .where("scope", "=", "admin")
    .execute();
  const rows = await db
    .selectFrom("users")
    .selectAll()
    .where("scope", "=", "admin")
    .where("disabled_at", "is", null)
    .execute();
  return rows.map(fromRow);
}

function fromRow(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope as AccessScope,
    createdAt: row.created_at,
    ...(row.password_hash === null ? {} : { passwordHash: row.password_hash }),
    ...(row.oidc_subject === null ? {} : { oidcSubject: row.oidc_subject }),
    ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
  };
}
