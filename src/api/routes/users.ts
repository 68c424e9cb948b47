import { z } from "zod";
import { accessScopes, userNameExpected, userNamePattern } from "../../domain/access.ts";
import { alterUser, createUser, removeUser, setPassword } from "../../operations/access/users.ts";
import { listUsers, type User } from "../../state/queries/users.ts";
import { route, type Route } from "../route.ts";
import { idParams, time } from "../shapes.ts";

const tag = "Users and tokens";

export const scope = z.enum(accessScopes).meta({
  description: "`read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in.",
});

export const userName = z
  .string()
  .regex(userNamePattern, userNameExpected)
  .meta({ examples: ["ada"] });

export const givenPassword = z
  .string()
  .min(1)
  .max(1000)
  .meta({ format: "password", description: "A new one has at least 12 characters." });

export const userSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scope,
    has_password: z.boolean(),
    oidc: z.boolean().meta({ description: "Signs in by OIDC; then the scope is set anew at each sign-in." }),
    created_at: time,
    disabled_at: time.nullable(),
  })
  .meta({ id: "User" });

export function userView(user: User): z.output<typeof userSchema> {
  return {
    id: user.id,
    name: user.name,
    scope: user.scope,
    has_password: user.passwordHash !== undefined,
    oidc: user.oidcSubject !== undefined,
    created_at: user.createdAt,
    disabled_at: user.disabledAt ?? null,
  };
}

export const userRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/auth/users",
    access: "admin",
    tag,
    summary: "List users",
    answers: { 200: z.object({ users: z.array(userSchema) }) },
    run: async ({ holdfast }) => ({ users: (await listUsers(holdfast.state)).map(userView) }),
  }),
  route({
    method: "POST",
    path: "/api/v1/auth/users",
    access: "admin",
    tag,
    summary: "Add a user",
    body: z.strictObject({ name: userName, password: givenPassword, scope }),
    answers: { 201: userSchema },
    async run({ holdfast, body, about }) {
      about(`user ${body.name}`);
      return userView(await createUser(holdfast, body));
    },
  }),
  route({
    method: "PATCH",
    path: "/api/v1/auth/users/:id",
    access: "admin",
    tag,
    summary: "Change what a user may do, or shut them out",
    description: "Never the last admin.",
    params: idParams,
    body: z.strictObject({ scope: scope.optional(), disabled: z.boolean().optional() }),
    answers: { 200: userSchema },
    async run({ holdfast, params, body, about }) {
      const user = await alterUser(holdfast, params.id, body);
      about(`user ${user.name}`);
      return userView(user);
    },
  }),
  route({
    method: "PUT",
    path: "/api/v1/auth/users/:id/password",
    access: "admin",
    tag,
    summary: "Set a user's password",
    description: "All their sessions end.",
    params: idParams,
    body: z.strictObject({ password: givenPassword }),
    answers: { 204: "nothing" },
    async run({ holdfast, params, body, about }) {
      const user = await setPassword(holdfast, { id: params.id }, body.password);
      about(`password of ${user.name}`);
    },
  }),
  route({
    method: "DELETE",
    path: "/api/v1/auth/users/:id",
    access: "admin",
    tag,
    summary: "Delete a user",
    description: "Never the last admin. Tokens that they made stay until they are withdrawn.",
    params: idParams,
    answers: { 204: "nothing" },
    async run({ holdfast, params, about }) {
      about(`user ${(await removeUser(holdfast, params.id)).name}`);
    },
  }),
];
