import { randomUUID } from "node:crypto";
import { failure } from "../../base/errors/error.ts";
import type { AccessScope } from "../../domain/access.ts";
import type { Database } from "../../state/open.ts";
import { endSessionsOf } from "../../state/queries/sessions.ts";
import {
  addUser,
  changeUser,
  deleteUser,
  findUser,
  holdAdmins,
  listUsers,
  type User,
  type UserChange,
} from "../../state/queries/users.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { hashPassword } from "./passwords.ts";

type Context = Pick<Holdfast, "state" | "clock">;

export interface NewUser {
  name: string;
  /** Undefined for who only comes by OIDC. */
  password?: string | undefined;
  oidcSubject?: string | undefined;
  scope: AccessScope;
}

/** A user who is not stored yet. Throws HF_PASSWORD_WEAK. */
export async function newUser({ clock }: Pick<Context, "clock">, asked: NewUser): Promise<User> {
  return {
    id: randomUUID(),
    name: asked.name,
    scope: asked.scope,
    createdAt: clock.now().toISOString(),
    ...(asked.password === undefined ? {} : { passwordHash: await hashPassword(asked.password) }),
    ...(asked.oidcSubject === undefined ? {} : { oidcSubject: asked.oidcSubject }),
  };
}

/** Throws HF_NAME_TAKEN. */
export async function storeUser(db: Database, user: User): Promise<void> {
  if (!(await addUser(db, user))) throw failure("HF_NAME_TAKEN", { kind: "user", name: user.name });
}

/** Throws HF_NAME_TAKEN, HF_PASSWORD_WEAK. */
export async function createUser(holdfast: Context, asked: NewUser): Promise<User> {
  const user = await newUser(holdfast, asked);
  await storeUser(holdfast.state, user);
  return user;
}

/** Throws HF_UNKNOWN_NAME. */
export async function userOf(db: Database, by: { id: string } | { name: string }): Promise<User> {
  const user = await findUser(db, by);
  if (user !== undefined) return user;
  const name = "id" in by ? by.id : by.name;
  const known = (await listUsers(db)).map((one) => one.name).join(", ");
  throw failure("HF_UNKNOWN_NAME", { kind: "user", name, suggestion: `There are: ${known || "none"}.` });
}

/**
 * Changes what someone may do, or shuts them out (`disabled`), which ends their sessions.
 * Throws HF_UNKNOWN_NAME, HF_LAST_ADMIN.
 */
export async function alterUser(
  { state, clock }: Context,
  id: string,
  asked: { scope?: AccessScope | undefined; disabled?: boolean | undefined },
): Promise<User> {
  const { scope, disabled } = asked;
  return await writing(state, async (transaction) => {
    const user = await userOf(transaction, { id });
    if (disabled === true || (scope !== undefined && scope !== "admin")) await keepAnAdmin(transaction, user);
    const change: UserChange = { scope };
    if (disabled !== undefined) change.disabledAt = disabled ? (user.disabledAt ?? clock.now().toISOString()) : null;
    await changeUser(transaction, id, change);
    if (disabled === true) await endSessionsOf(transaction, id);
    return await userOf(transaction, { id });
  });
}

/** Throws HF_UNKNOWN_NAME, HF_LAST_ADMIN. */
export async function removeUser({ state }: Pick<Context, "state">, id: string): Promise<User> {
  return await writing(state, async (transaction) => {
    const user = await userOf(transaction, { id });
    await keepAnAdmin(transaction, user);
    await deleteUser(transaction, id);
    return user;
  });
}

/** Sets a password, whatever it was, and ends all sessions. Throws HF_UNKNOWN_NAME, HF_PASSWORD_WEAK. */
export async function setPassword(
  { state }: Pick<Context, "state">,
  by: { id: string } | { name: string },
  password: string,
): Promise<User> {
  const user = await userOf(state, by);
  await changeUser(state, user.id, { passwordHash: await hashPassword(password) });
  await endSessionsOf(state, user.id);
  return user;
}

async function keepAnAdmin(db: Database, leaving: User): Promise<void> {
  const admins = await holdAdmins(db);
  if (admins.every(({ id }) => id === leaving.id) && admins.length > 0) {
    throw failure("HF_LAST_ADMIN", { name: leaving.name });
  }
}
