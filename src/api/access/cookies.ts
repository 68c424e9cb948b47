import type { FastifyReply, FastifyRequest } from "fastify";
import { absoluteMs } from "../../operations/access/callers.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";

export const sessionCookie = "holdfast_session";

/** What a page reached by https keeps is never sent over http. */
export function isSecure({ declared }: Pick<Holdfast, "declared">, request: FastifyRequest): boolean {
  return request.protocol === "https" || declared.settings.daemon?.publicUrl?.startsWith("https:") === true;
}

export function setSessionCookie(
  holdfast: Holdfast,
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
): void {
  void reply.setCookie(sessionCookie, value, {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    secure: isSecure(holdfast, request),
    maxAge: absoluteMs / 1000,
  });
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.clearCookie(sessionCookie, { path: "/", httpOnly: true, sameSite: "strict" });
}
