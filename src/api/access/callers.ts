import type { FastifyRequest } from "fastify";
import { failure, isFailure } from "../../base/errors/error.ts";
import { covers, type Actor } from "../../domain/access.ts";
import { callerBySession, callerByToken } from "../../operations/access/callers.ts";
import { sessionCookie } from "./cookies.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import type { Route } from "../route.ts";

/**
 * Finds out who calls and whether they may, before the body is read. An open route takes whoever comes, and knows them when
 * what they send is valid. Throws HF_SIGN_IN, HF_CREDENTIALS_REFUSED, HF_SCOPE_TOO_SMALL.
 */
export async function checkCaller(holdfast: Holdfast, request: FastifyRequest): Promise<void> {
  const { described } = request.routeOptions.config;
  if (described === undefined) return;
  const access = accessTo(holdfast, described);
  if (access === "open") {
    request.actor = await whoCalls(holdfast, request).catch((error: unknown) => {
      if (isFailure(error, "HF_CREDENTIALS_REFUSED")) return undefined;
      throw error;
    });
    return;
  }
  const actor = await whoCalls(holdfast, request);
  if (actor === undefined) throw failure("HF_SIGN_IN", {});
  request.actor = actor;
  if (!covers(actor.scope, access)) throw failure("HF_SCOPE_TOO_SMALL", { needed: access, scope: actor.scope });
}

/** What a route wants as things are configured now. */
export function accessTo(holdfast: Holdfast, described: Pick<Route, "access" | "openWhen">): Route["access"] {
  return described.openWhen?.(holdfast) === true ? "open" : described.access;
}

/** Whether the caller may still do what they were let in for: theirs may end while an answer goes on. */
export async function mayStill(holdfast: Holdfast, request: FastifyRequest): Promise<boolean> {
  try {
    await checkCaller(holdfast, request);
    return true;
  } catch (error) {
    if (isFailure(error)) return false;
    throw error;
  }
}

async function whoCalls(holdfast: Holdfast, request: FastifyRequest): Promise<Actor | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw failure("HF_CREDENTIALS_REFUSED", { what: "token" });
    return await callerByToken(holdfast, token);
  }
  const session = request.cookies[sessionCookie];
  return session === undefined ? undefined : await callerBySession(holdfast, session);
}
