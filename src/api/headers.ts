import type { FastifyReply, FastifyRequest } from "fastify";

/** The page may use what comes from here, and nothing else (https://owasp.org/www-project-secure-headers/). */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Every answer carries these. No CORS header is among them: pages of other origins read nothing. */
export function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(headers).header("x-request-id", request.id);
  if (request.url.startsWith("/api/")) void reply.header("cache-control", "no-store");
}
