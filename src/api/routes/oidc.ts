import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { catalogue } from "../../base/errors/catalogue.ts";
import { failure, HoldfastError, render } from "../../base/errors/error.ts";
import type { Flow } from "../../operations/access/oidc.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { addressKey } from "../access/attempts.ts";
import { isSecure } from "../access/cookies.ts";
import { html, page } from "../html.ts";
import { route, type Route } from "../route.ts";
import { countAttempt, welcome } from "./sessions.ts";

const tag = "Sign-in";
const back = "/api/v1/auth/oidc/callback";
const flowCookie = "holdfast_oidc";
const flowPath = "/api/v1/auth/oidc";

/** A path of this very server: what begins with two slashes would be another's. */
const ownPath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\s]*$/, "a path on this server, such as /");

/** Of a cookie, which is not proven to be as it was given: a neighbour under the same domain can set one. */
const flowSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: ownPath });

/** The address at which this server is reached by the browser that asks. */
function originOf({ declared }: Holdfast, request: FastifyRequest): string {
  const { publicUrl } = declared.settings.daemon ?? {};
  return publicUrl === undefined ? `${request.protocol}://${request.headers.host}` : publicUrl.replace(/\/+$/, "");
}

function keepFlow(holdfast: Holdfast, request: FastifyRequest, reply: FastifyReply, flow: Flow & { to: string }): void {
  // Lax, and not strict: the browser comes back from the provider's page.
  void reply.setCookie(flowCookie, Buffer.from(JSON.stringify(flow)).toString("base64url"), {
    path: flowPath,
    httpOnly: true,
    sameSite: "lax",
    secure: isSecure(holdfast, request),
    maxAge: 600,
  });
}

/** Throws HF_OIDC_FAILED when the browser has none: it began elsewhere, or too long ago. */
function keptFlow(holdfast: Holdfast, request: FastifyRequest): z.output<typeof flowSchema> {
  const text = Buffer.from(request.cookies[flowCookie] ?? "", "base64url").toString("utf8");
  const flow = z
    .string()
    .transform((json, context) => {
      try {
        return JSON.parse(json) as unknown;
      } catch {
        context.addIssue("no JSON");
        return z.NEVER;
      }
    })
    .pipe(flowSchema)
    .safeParse(text);
  if (flow.success) return flow.data;
  throw failure("HF_OIDC_FAILED", {
    issuer: holdfast.declared.settings.daemon?.oidc?.issuer ?? "the provider",
    detail: "this browser did not begin it, or more than ten minutes ago.",
  });
}

export const oidcRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/auth/oidc/login",
    access: "open",
    tag,
    summary: "Sign in at the OIDC provider",
    description: "For browsers: sends them to the provider declared under daemon.oidc.",
    query: z.strictObject({ to: ownPath.default("/").meta({ description: "Where to go afterwards." }) }),
    answers: { 302: "nothing" },
    async run({ holdfast, query, request, reply }) {
      // Each asks the provider, and strangers may ask.
      request.server.attempts.begin(`oidc ${addressKey(request.ip)}`);
      const { beginOidc } = await import("../../operations/access/oidc.ts");
      const { flow, to } = await beginOidc(holdfast, `${originOf(holdfast, request)}${back}`);
      keepFlow(holdfast, request, reply, { ...flow, to: query.to });
      return await reply.redirect(to.href);
    },
  }),
  route({
    method: "GET",
    path: back,
    access: "open",
    tag,
    summary: "Where the OIDC provider sends the browser back to",
    query: z.record(z.string().max(100), z.string().max(10_000)),
    answers: { 200: { media: "text/html; charset=utf-8" } },
    async run(call) {
      const { holdfast, request, reply, about } = call;
      const key = addressKey(request.ip);
      countAttempt(call, "sign-in by OIDC", key);
      about("sign-in by OIDC");
      void reply.clearCookie(flowCookie, { path: flowPath });
      try {
        const { to, ...flow } = keptFlow(holdfast, request);
        const { endOidc } = await import("../../operations/access/oidc.ts");
        const begun = await endOidc(holdfast, flow, new URL(`${originOf(holdfast, request)}${request.url}`));
        const user = welcome(call, begun);
        request.server.attempts.forgive(key, `oidc ${key}`);
        about(`sign-in of ${user.name} by OIDC`);
        return welcomePage(user.name, to);
      } catch (error) {
        if (!(error instanceof HoldfastError) || error.code === "HF_INTERNAL") throw error;
        void reply.code(catalogue[error.code].status);
        return refusedPage(error);
      }
    },
  }),
];

/** A page and not a redirect: browsers leave a strict cookie out of what another site's page led to. */
function welcomePage(name: string, to: string): string {
  return page(
    "Signed in",
    html`<h1>Signed in as ${name}</h1>
      <p><a href="${to}">Go on</a></p>`,
    html`<meta http-equiv="refresh" content="0; url=${to}" />`,
  );
}

function refusedPage(error: HoldfastError): string {
  const { message, hint } = render(error.problem);
  return page(
    "Not signed in",
    html`<h1>Not signed in</h1>
      <p>${message}</p>
      <p class="quiet">${hint}</p>
      <p><a href="/api/v1/auth/oidc/login">Try again</a> · <a href="/errors#${error.code}">${error.code}</a></p>`,
  );
}
