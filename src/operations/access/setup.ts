import { failure } from "../../base/errors/error.ts";
import { dropNote, dropNotes, writeNote } from "../../state/queries/notes.ts";
import { hasUsers, type User } from "../../state/queries/users.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { hashOf, newOpaque } from "./opaque.ts";
import { newUser, storeUser } from "./users.ts";

type Context = Pick<Holdfast, "state" | "clock">;

const prefix = "setup-token:";

/** Whether nobody has been set up yet. */
export async function needsSetup({ state }: Pick<Holdfast, "state">): Promise<boolean> {
  return !(await hasUsers(state));
}

/**
 * A token with which the first admin is made, for the daemon to print at its start; undefined once there is a user. Several
 * daemons on one state each print their own; the state keeps only hashes.
 */
export async function setupToken(holdfast: Context): Promise<string | undefined> {
  if (!(await needsSetup(holdfast))) return undefined;
  const value = newOpaque("setup_");
  await writeNote(holdfast.state, `${prefix}${hashOf(value)}`, holdfast.clock.now().toISOString());
  return value;
}

export interface SetUp {
  token: string;
  name: string;
  password: string;
}

/** Makes the first admin. Throws HF_SETUP_DONE, HF_SETUP_REFUSED, HF_PASSWORD_WEAK. */
export async function setUp(holdfast: Context, { token, name, password }: SetUp): Promise<User> {
  if (!(await needsSetup(holdfast))) throw failure("HF_SETUP_DONE", {});
  const user = await newUser(holdfast, { name, password, scope: "admin" });
  await writing(holdfast.state, async (transaction) => {
    if (await hasUsers(transaction)) throw failure("HF_SETUP_DONE", {});
    if (!(await dropNote(transaction, `${prefix}${hashOf(token)}`))) throw failure("HF_SETUP_REFUSED", {});
    await storeUser(transaction, user);
    await dropNotes(transaction, prefix);
  });
  return user;
}
