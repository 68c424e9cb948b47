import { randomUUID } from "node:crypto";
import { failure } from "../../base/errors/error.ts";
import type { AccessScope } from "../../domain/access.ts";
import { addToken, findToken, revokeToken, type Token } from "../../state/queries/tokens.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { hashOf, newOpaque } from "./opaque.ts";

export interface NewToken {
  name: string;
  scope: AccessScope;
  /** ISO 8601, UTC; undefined: it does not expire. */
  expiresAt?: string | undefined;
  createdBy: string;
}

/** Makes an API token. Its value is known only now: the state keeps a hash. */
export async function createToken(
  { state, clock }: Pick<Holdfast, "state" | "clock">,
  { name, scope, expiresAt, createdBy }: NewToken,
): Promise<{ token: Token; value: string }> {
  const value = newOpaque("hf_");
  const token: Token = {
    id: randomUUID(),
    name,
    scope,
    createdBy,
    createdAt: clock.now().toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  await addToken(state, token, hashOf(value));
  return { token, value };
}

/** Withdraws a token at once and for good. Throws HF_UNKNOWN_NAME. */
export async function withdrawToken({ state, clock }: Pick<Holdfast, "state" | "clock">, id: string): Promise<Token> {
  const token = await findToken(state, { id });
  if (token === undefined) {
    throw failure("HF_UNKNOWN_NAME", { kind: "token", name: id, suggestion: "`GET /api/v1/auth/tokens` lists them." });
  }
  await revokeToken(state, id, clock.now().toISOString());
  return token;
}
