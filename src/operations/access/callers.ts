import { failure } from "../../base/errors/error.ts";
import type { Actor } from "../../domain/access.ts";
import { findSession, touchSession } from "../../state/queries/sessions.ts";
import { findToken, touchToken } from "../../state/queries/tokens.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { hashOf } from "./opaque.ts";

const day = 86_400_000;
/** A session that nobody uses ends after this long. */
export const idleMs = 7 * day;
/** However much it is used, it ends after this long. */
export const absoluteMs = 30 * day;

/** When it was last used is written at most this often: every write waits for the disk. */
const touchMs = 60_000;

type Context = Pick<Holdfast, "state" | "clock">;

/** Whose API token this is. Throws HF_CREDENTIALS_REFUSED. */
export async function callerByToken({ state, clock }: Context, value: string): Promise<Actor> {
  const token = await findToken(state, { hash: hashOf(value) });
  const now = clock.now();
  const valid =
    token !== undefined &&
    token.revokedAt === undefined &&
    (token.expiresAt === undefined || Date.parse(token.expiresAt) > now.getTime());
  if (!valid) throw failure("HF_CREDENTIALS_REFUSED", { what: "token" });
  if (isOld(token.lastUsedAt, now)) await touchToken(state, token.id, now.toISOString());
  return { kind: "token", id: token.id, name: token.name, scope: token.scope };
}

/** Whose session this is. Throws HF_CREDENTIALS_REFUSED. */
export async function callerBySession({ state, clock }: Context, value: string): Promise<Actor> {
  const session = await findSession(state, hashOf(value));
  const now = clock.now();
  const valid =
    session !== undefined &&
    session.user.disabledAt === undefined &&
    Date.parse(session.expiresAt) > now.getTime() &&
    Date.parse(session.lastSeenAt) + idleMs > now.getTime();
  if (!valid) throw failure("HF_CREDENTIALS_REFUSED", { what: "session" });
  if (isOld(session.lastSeenAt, now)) await touchSession(state, session.hash, now.toISOString());
  const { id, name, scope } = session.user;
  return { kind: "user", id, name, scope };
}

function isOld(at: string | undefined, now: Date): boolean {
  return at === undefined || now.getTime() - Date.parse(at) > touchMs;
}
