import { failure } from "../../base/errors/error.ts";
import { addSession, endSession } from "../../state/queries/sessions.ts";
import { findUser, type User } from "../../state/queries/users.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { absoluteMs } from "./callers.ts";
import { hashOf, newOpaque } from "./opaque.ts";
import { isPassword } from "./passwords.ts";
import { setPassword, userOf } from "./users.ts";

type Context = Pick<Holdfast, "state" | "clock">;

export interface Begun {
  user: User;
  /** The cookie's value; the state keeps its hash. */
  cookie: string;
}

/** Throws HF_LOGIN_FAILED, which does not tell whether the name, the password or a ban was the reason. */
export async function login(holdfast: Context, { name, password }: { name: string; password: string }): Promise<Begun> {
  const user = await findUser(holdfast.state, { name });
  const right = await isPassword(password, user?.passwordHash);
  if (user === undefined || !right || user.disabledAt !== undefined) throw failure("HF_LOGIN_FAILED", {});
  return await beginSession(holdfast, user);
}

/** For someone whose identity has been proven. */
export async function beginSession({ state, clock }: Context, user: User): Promise<Begun> {
  const cookie = newOpaque("");
  const now = clock.now();
  await addSession(state, {
    hash: hashOf(cookie),
    userId: user.id,
    at: now.toISOString(),
    expiresAt: new Date(now.getTime() + absoluteMs).toISOString(),
  });
  return { user, cookie };
}

export async function logout({ state }: Pick<Context, "state">, cookie: string): Promise<void> {
  await endSession(state, hashOf(cookie));
}

/**
 * Exchanges someone's own password: all their sessions end, and a new one begins for who asked.
 * Throws HF_LOGIN_FAILED when `current` is wrong, HF_NO_PASSWORD, HF_PASSWORD_WEAK.
 */
export async function changePassword(
  holdfast: Context,
  userId: string,
  { current, next }: { current: string; next: string },
): Promise<Begun> {
  const user = await userOf(holdfast.state, { id: userId });
  if (user.passwordHash === undefined) throw failure("HF_NO_PASSWORD", { name: user.name });
  if (!(await isPassword(current, user.passwordHash))) throw failure("HF_LOGIN_FAILED", {});
  await setPassword(holdfast, { id: userId }, next);
  return await beginSession(holdfast, user);
}
