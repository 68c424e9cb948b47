import type { FastifyReply, FastifyRequest } from "fastify";
import type { ZodType, z } from "zod";
import type { AccessScope as Scope, Actor } from "../domain/access.ts";
import type { Holdfast } from "../operations/context/holdfast.ts";
import type { Live } from "./live.ts";

export type { AccessScope as Scope, Actor } from "../domain/access.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a handler is given: everything has been checked against the route's schemas. */
export interface ApiCall<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  live: Live;
  /** As declared at the beginning of the request. */
  holdfast: Holdfast;
  /** Undefined only where the route is open. */
  actor: Actor | undefined;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
  /** What the audit log is to say that it was about, such as `policy weekly`. */
  about: (subject: string) => void;
  /** For headers, cookies, streams; whoever has sent the answer with it returns `reply`. */
  request: FastifyRequest;
  reply: FastifyReply;
}

type Parsed<Schema> = Schema extends ZodType ? z.output<Schema> : undefined;

/** What an answer is: JSON by a schema, nothing at all, or bytes of some media type. */
export type AnswerBody = ZodType | "nothing" | { media: string };

/**
 * A route as data: server, access, validation, OpenAPI, the reference page and the tests are made from it. Everything but
 * GET is written into the audit log.
 */
export interface RouteOf<P, Q, B> {
  method: Method;
  /** From the root, parameters as `:id`. */
  path: string;
  /** `open` wants no sign-in. */
  access: "open" | Scope;
  /** Under these settings it wants none either. */
  openWhen?(holdfast: Holdfast): boolean;
  tag: string;
  summary: string;
  description?: string;
  params?: P;
  query?: Q;
  body?: B;
  /** By status; the first 2xx is what a returned value is sent as. Problems need not be named: every route has them. */
  answers: Readonly<Record<number, AnswerBody>>;
  run(call: ApiCall<Parsed<P>, Parsed<Q>, Parsed<B>>): Promise<unknown>;
}

export type Route = RouteOf<ZodType | undefined, ZodType | undefined, ZodType | undefined>;

/** Ties the handler's types to the route's schemas. */
export function route<
  P extends ZodType | undefined = undefined,
  Q extends ZodType | undefined = undefined,
  B extends ZodType | undefined = undefined,
>(described: RouteOf<P, Q, B>): Route {
  return described;
}
