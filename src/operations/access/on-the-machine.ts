import { userInfo } from "node:os";
import type { AccessScope } from "../../domain/access.ts";
import { addAudit } from "../../state/queries/audit.ts";
import type { Token } from "../../state/queries/tokens.ts";
import type { User } from "../../state/queries/users.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { newPassword } from "./passwords.ts";
import { createToken } from "./tokens.ts";
import { alterUser, createUser, setPassword } from "./users.ts";

// Whoever may write the state on the machine itself is trusted with all of it: so nobody is locked out for good.

interface WithPassword {
  user: User;
  /** Made up when none was given: shown once. */
  password: string;
}

/** Adds someone who can sign in. Throws HF_NAME_TAKEN, HF_PASSWORD_WEAK. */
export async function addUserHere(
  holdfast: Holdfast,
  { name, scope, password = newPassword() }: { name: string; scope: AccessScope; password?: string | undefined },
): Promise<WithPassword> {
  const user = await createUser(holdfast, { name, scope, password });
  await note(holdfast, "holdfast user add", `user ${name}`);
  return { user, password };
}

/** Gives someone a new password, and lets them in again. Throws HF_UNKNOWN_NAME, HF_PASSWORD_WEAK. */
export async function setPasswordHere(
  holdfast: Holdfast,
  { name, password = newPassword() }: { name: string; password?: string | undefined },
): Promise<WithPassword> {
  const { id } = await setPassword(holdfast, { name }, password);
  const user = await alterUser(holdfast, id, { disabled: false });
  await note(holdfast, "holdfast user password", `password of ${name}`);
  return { user, password };
}

/** Makes an API token, shown once. */
export async function createTokenHere(
  holdfast: Holdfast,
  { name, scope, expiresInMs }: { name: string; scope: AccessScope; expiresInMs?: number | undefined },
): Promise<{ token: Token; value: string }> {
  const expiresAt =
    expiresInMs === undefined ? undefined : new Date(holdfast.clock.now().getTime() + expiresInMs).toISOString();
  const made = await createToken(holdfast, { name, scope, expiresAt, createdBy: caller() });
  await note(holdfast, "holdfast token create", `token ${name}`);
  return made;
}

async function note({ state, clock }: Holdfast, action: string, subject: string): Promise<void> {
  const at = clock.now().toISOString();
  await addAudit(state, { at, actor: caller(), address: "this machine", action, subject, status: 200 });
}

function caller(): string {
  return `machine:${userInfo().username}`;
}
