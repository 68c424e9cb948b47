import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { audit } from "./access/audit.ts";
import { signInAttempts, type Attempts } from "./access/attempts.ts";
import { checkCaller } from "./access/callers.ts";
import { checkHost, checkOrigin } from "./access/origins.ts";
import { answerClientError } from "./client-errors.ts";
import { addHeaders } from "./headers.ts";
import type { Live } from "./live.ts";
import { failureOf, logFailure, writeToStderr, type Log } from "./failures.ts";
import { inFlight, type InFlight } from "./in-flight.ts";
import { jsonBodies } from "./json-bodies.ts";
import { sendProblem } from "./problems.ts";
import type { Actor, Method, Route } from "./route.ts";
import { failure } from "../base/errors/error.ts";
import { answerText, mainAnswer, readInput } from "./validate.ts";

declare module "fastify" {
  interface FastifyRequest {
    actor: Actor | undefined;
    /** Whose it is; a socket that was closed has forgotten. */
    address: string;
    /** What the audit log is to say that it was about. */
    subject: string;
  }
  interface FastifyInstance {
    /** Of signing in, by address and by account. */
    attempts: Attempts;
  }
  interface FastifyContextConfig {
    described?: Route;
  }
}

export interface ServerOptions {
  /** Where unexpected failures go; default standard error. */
  log?: Log;
  /** Hears of every route that the router takes, also of those that only refuse. */
  routed?: (method: string, path: string) => void;
}

const bodyLimit = 1_048_576;
const methods: readonly (Method | "OPTIONS")[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The API's server over the running daemon, not yet listening. */
export async function buildServer(
  live: Live,
  routes: readonly Route[],
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  const log = options.log ?? writeToStderr;
  const app = fastify({
    bodyLimit,
    genReqId: () => randomUUID(),
    // A proxy on this machine says who calls; whoever else says so is not believed.
    trustProxy: "loopback",
    requestTimeout: 60_000,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => {
      void sendProblem(request, reply, failureOf(error, request).problem);
    },
    clientErrorHandler: answerClientError,
  });
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) options.routed?.(one, url);
  });
  app.decorate("attempts", signInAttempts());
  app.decorateRequest("actor", undefined);
  app.decorateRequest("address", "");
  app.decorateRequest("subject", "");
  await app.register(cookie);
  jsonBodies(app);
  app.setErrorHandler(async (error, request, reply) => {
    const { problem: found, errors, expected } = failureOf(error, request);
    if (!expected) logFailure(log, error, request);
    return await sendProblem(request, reply, found, errors);
  });
  app.setNotFoundHandler((request) => {
    throw failure("HF_NO_SUCH_ROUTE", { path: pathOf(request) });
  });
  app.addHook("onRequest", async (request, reply) => {
    request.address = request.ip;
    addHeaders(request, reply);
    checkHost(live.holdfast(), request);
    checkOrigin(live.holdfast(), request);
    await checkCaller(live.holdfast(), request);
  });
  app.addHook("onSend", async (request, reply, payload) => {
    await audit(live.holdfast(), request, reply.statusCode).catch((error: unknown) => logFailure(log, error, request));
    return payload;
  });
  const flying = inFlight();
  app.addHook("preClose", async () => {
    await flying.drain();
    // What browsers keep open for later would keep the server open as well.
    app.server.closeAllConnections();
  });
  for (const described of routes) addRoute(app, live, described, flying);
  refuseOtherMethods(app, routes);
  return app;
}

function addRoute(app: FastifyInstance, live: Live, described: Route, flying: InFlight): void {
  const { status, body: answer } = mainAnswer(described);
  app.route({
    method: described.method,
    url: described.path,
    exposeHeadRoute: described.method === "GET" && typeof answer === "object" && "parse" in answer,
    config: { described },
    async handler(request: FastifyRequest, reply: FastifyReply) {
      const given = { params: request.params, query: request.query, body: request.body };
      const input = await readInput(described, given);
      const signal = flying.begin(described.method, reply);
      const value = await described.run({
        ...input,
        live,
        holdfast: live.holdfast(),
        actor: request.actor,
        signal,
        about(subject) {
          request.subject = subject;
        },
        request,
        reply,
      });
      // An answer that was cut short: Fastify would begin another.
      if (reply.raw.headersSent && !reply.sent) return reply.hijack();
      if (value === reply || reply.sent) return reply;
      if (reply.statusCode === 200) void reply.code(status);
      if (answer === "nothing") return await reply.send();
      if ("media" in answer) return await reply.type(answer.media).send(value);
      return await reply.type("application/json; charset=utf-8").send(await answerText(answer, value));
    },
  });
}

/** A path that exists answers other methods with 405 and says which it takes. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((one) => one.path))) {
    const taken: readonly string[] = routes.filter((one) => one.path === path).map((one) => one.method);
    const allowed = taken.join(", ");
    app.route({
      method: methods.filter((method) => !taken.includes(method)),
      url: path,
      handler(request, reply) {
        void reply.header("allow", allowed);
        throw failure("HF_METHOD_NOT_ALLOWED", { path: pathOf(request), method: request.method, allowed });
      },
    });
  }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "/";
}
