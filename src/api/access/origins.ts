import { isIP } from "node:net";
import { hostname } from "node:os";
import type { FastifyRequest } from "fastify";
import { failure } from "../../base/errors/error.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { accessTo } from "./callers.ts";

/**
 * Against DNS rebinding: a page of another name, made to point here, could ask as if it were ours. Names that no public DNS
 * can hand out (addresses, single words, .local) and our own are let in. A token cannot be had by such a page, so whoever
 * sends one where it is looked at may use any name. Throws HF_HOST_REFUSED.
 */
export function checkHost(holdfast: Holdfast, request: FastifyRequest): void {
  if (isByToken(holdfast, request)) return;
  const { declared, deviceName } = holdfast;
  const host = request.headers.host ?? "";
  const name = nameOf(host);
  const { listen, publicUrl } = declared.settings.daemon ?? {};
  const own = [
    deviceName,
    hostname(),
    listen?.host,
    publicUrl === undefined ? undefined : nameOf(new URL(publicUrl).host),
  ];
  const isOurs =
    name !== undefined &&
    (isIP(name) !== 0 ||
      !name.includes(".") ||
      /\.(local|localhost)$/.test(name) ||
      own.some((one) => one?.toLowerCase() === name));
  if (!isOurs) throw failure("HF_HOST_REFUSED", { host: host === "" ? "(none)" : host });
}

/** The host of `host:port`, without the brackets of an IPv6 address; undefined when it is none. */
function nameOf(host: string): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d+)?$/i.exec(host);
  return (found?.[1] ?? found?.[2])?.toLowerCase().replace(/\.$/, "");
}

/**
 * Cookies come along with what other pages send, so a change that does not come from our own page is refused
 * (https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html, Fetch Metadata).
 * Programs send neither header. Throws HF_CROSS_ORIGIN.
 */
export function checkOrigin(holdfast: Holdfast, request: FastifyRequest): void {
  if (["GET", "HEAD"].includes(request.method) || isByToken(holdfast, request)) return;
  const site = request.headers["sec-fetch-site"];
  const { origin } = request.headers;
  if (site === "same-origin" || site === "none") return;
  if (
    site === undefined &&
    (origin === undefined || isOwn(origin, request, holdfast.declared.settings.daemon?.publicUrl))
  )
    return;
  throw failure("HF_CROSS_ORIGIN", { origin: origin ?? String(site) });
}

function isOwn(origin: string, request: FastifyRequest, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === request.headers.host || (publicUrl !== undefined && host === new URL(publicUrl).host);
}

/** The token will be checked: an open route would let in whoever sends something that only looks like one. */
function isByToken(holdfast: Holdfast, request: FastifyRequest): boolean {
  const { described } = request.routeOptions.config;
  if (described !== undefined && accessTo(holdfast, described) === "open") return false;
  return /^Bearer +hf_/i.test(request.headers.authorization ?? "");
}
