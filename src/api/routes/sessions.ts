import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { accessScopes } from "../../domain/access.ts";
import { changePassword, login, logout, type Begun } from "../../operations/access/sessions.ts";
import { needsSetup, setUp } from "../../operations/access/setup.ts";
import { findUser } from "../../state/queries/users.ts";
import { accountKeys, addressKey } from "../access/attempts.ts";
import { clearSessionCookie, sessionCookie, setSessionCookie } from "../access/cookies.ts";
import { route, type Actor, type ApiCall, type Route } from "../route.ts";
import { givenPassword, userName, userSchema, userView } from "./users.ts";

const tag = "Sign-in";

const actorSchema = z
  .object({
    kind: z.enum(["user", "token"]),
    id: z.uuid(),
    name: z.string(),
    scope: z.enum(accessScopes),
  })
  .meta({ id: "Actor", description: "Who calls, and what they may do." });

type Call = Pick<ApiCall<unknown, unknown, unknown>, "holdfast" | "request" | "reply">;

/**
 * Counts an attempt. That there were too many is written down once per window, and not each time: strangers could fill the
 * disk. Throws HF_TOO_MANY_ATTEMPTS.
 */
export function countAttempt(
  { request, about }: Pick<ApiCall<unknown, unknown, unknown>, "request" | "about">,
  what: string,
  ...keys: string[]
): void {
  const { attempts } = request.server;
  try {
    attempts.begin(...keys);
  } catch (error) {
    if (attempts.isNewlyRefused(...keys)) about(`${what}: too many attempts`);
    throw error;
  }
}

/** Hands the new session to the browser; from here on the request is theirs. */
export function welcome({ holdfast, request, reply }: Call, { user, cookie }: Begun): ReturnType<typeof userView> {
  setSessionCookie(holdfast, request, reply, cookie);
  request.actor = { kind: "user", id: user.id, name: user.name, scope: user.scope };
  return userView(user);
}

/** A token belongs to nobody: what concerns a person's own account wants the person. */
function person(actor: Actor | undefined): Actor {
  if (actor?.kind !== "user") throw failure("HF_PERSON_NEEDED", {});
  return actor;
}

export const sessionRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/auth/methods",
    access: "open",
    tag,
    summary: "How one may sign in here",
    answers: {
      200: z
        .object({
          setup_needed: z
            .boolean()
            .meta({ description: "Nobody has been set up yet: the set-up token makes the first admin." }),
          password: z.boolean(),
          oidc: z.boolean(),
        })
        .meta({ id: "SignInMethods" }),
    },
    async run({ holdfast }) {
      const { oidc } = holdfast.declared.settings.daemon ?? {};
      return { setup_needed: await needsSetup(holdfast), password: true, oidc: oidc !== undefined };
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/auth/setup",
    access: "open",
    tag,
    summary: "Make the first admin",
    description:
      "The token is what `holdfast serve` prints at its start for as long as there is no user. Signs in as well.",
    body: z.strictObject({ token: z.string().max(200), name: userName, password: givenPassword }),
    answers: { 201: userSchema },
    async run(call) {
      const { holdfast, body, request, about } = call;
      const key = addressKey(request.ip);
      countAttempt(call, "setup", key);
      about("setup");
      await setUp(holdfast, body);
      request.server.attempts.forgive(key);
      return welcome(call, await login(holdfast, body));
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/auth/login",
    access: "open",
    tag,
    summary: "Sign in with name and password",
    description: "Answers with a session cookie: 30 days at most, and 7 without use. Programs use tokens.",
    body: z.strictObject({ name: z.string().max(200), password: givenPassword }),
    answers: { 200: userSchema },
    async run(call) {
      const { holdfast, body, request, about } = call;
      const keys = [addressKey(request.ip), ...accountKeys(body.name, request.ip)];
      countAttempt(call, "sign-in", ...keys);
      // Someone may have typed their password as the name: what nobody is called is not written down.
      const known = (await findUser(holdfast.state, { name: body.name })) !== undefined;
      about(known ? `sign-in of ${body.name}` : "sign-in of an unknown name");
      const begun = await login(holdfast, body);
      request.server.attempts.forgive(...keys);
      return welcome(call, begun);
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/auth/logout",
    access: "open",
    tag,
    summary: "Sign out",
    answers: { 204: "nothing" },
    async run({ holdfast, request, reply, actor, about }) {
      const cookie = request.cookies[sessionCookie];
      if (cookie !== undefined) await logout(holdfast, cookie);
      clearSessionCookie(reply);
      if (actor?.kind === "user") about(`session of ${actor.name}`);
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/auth/me",
    access: "read",
    tag,
    summary: "Who I am and what I may do",
    answers: { 200: actorSchema },
    run: async ({ actor }) => actor,
  }),
  route({
    method: "PUT",
    path: "/api/v1/auth/password",
    access: "read",
    tag,
    summary: "Change my password",
    description: "All my sessions end; this browser gets a new one.",
    body: z.strictObject({ current_password: givenPassword, new_password: givenPassword }),
    answers: { 200: userSchema },
    async run(call) {
      const { holdfast, body, request, about } = call;
      const { id, name } = person(call.actor);
      const keys = accountKeys(name, request.ip);
      request.server.attempts.begin(...keys);
      about(`password of ${name}`);
      const begun = await changePassword(holdfast, id, { current: body.current_password, next: body.new_password });
      request.server.attempts.forgive(...keys);
      return welcome(call, begun);
    },
  }),
];
