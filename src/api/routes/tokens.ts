import { z } from "zod";
import { createToken, withdrawToken } from "../../operations/access/tokens.ts";
import { listTokens, type Token } from "../../state/queries/tokens.ts";
import { route, type Route } from "../route.ts";
import { givenTime, idParams, time } from "../shapes.ts";
import { InvalidRequest } from "../problems.ts";
import { scope } from "./users.ts";

const tag = "Users and tokens";

const tokenSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scope,
    created_by: z.string(),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable().meta({ description: "To the minute." }),
    revoked_at: time.nullable(),
  })
  .meta({ id: "Token" });

const newTokenSchema = tokenSchema
  .extend({
    token: z.string().meta({ description: "Shown now and never again. Send it as `Authorization: Bearer hf_…`." }),
  })
  .meta({ id: "NewToken" });

function tokenView(token: Token): z.output<typeof tokenSchema> {
  return {
    id: token.id,
    name: token.name,
    scope: token.scope,
    created_by: token.createdBy,
    created_at: token.createdAt,
    expires_at: token.expiresAt ?? null,
    last_used_at: token.lastUsedAt ?? null,
    revoked_at: token.revokedAt ?? null,
  };
}

export const tokenRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/auth/tokens",
    access: "admin",
    tag,
    summary: "List API tokens",
    description: "Withdrawn ones too.",
    answers: { 200: z.object({ tokens: z.array(tokenSchema) }) },
    run: async ({ holdfast }) => ({ tokens: (await listTokens(holdfast.state)).map(tokenView) }),
  }),
  route({
    method: "POST",
    path: "/api/v1/auth/tokens",
    access: "admin",
    tag,
    summary: "Make an API token",
    body: z.strictObject({
      name: z
        .string()
        .trim()
        .min(1)
        .max(100)
        // It stands as it is in logs and in the state.
        .regex(/^[^\u0000-\u001F\u007F]*$/, "text of one line")
        .meta({ examples: ["prometheus"] }),
      scope,
      expires_at: givenTime.optional().meta({ description: "Default: it does not expire." }),
    }),
    answers: { 201: newTokenSchema },
    async run({ holdfast, body, actor, about }) {
      about(`token ${body.name}`);
      if (body.expires_at !== undefined && body.expires_at <= holdfast.clock.now().toISOString()) {
        throw new InvalidRequest([{ path: "body.expires_at", message: "a time in the future" }]);
      }
      const { token, value } = await createToken(holdfast, {
        name: body.name,
        scope: body.scope,
        expiresAt: body.expires_at,
        createdBy: actor === undefined ? "" : `${actor.kind}:${actor.name}`,
      });
      return { ...tokenView(token), token: value };
    },
  }),
  route({
    method: "DELETE",
    path: "/api/v1/auth/tokens/:id",
    access: "admin",
    tag,
    summary: "Withdraw an API token",
    params: idParams,
    answers: { 204: "nothing" },
    async run({ holdfast, params, about }) {
      about(`token ${(await withdrawToken(holdfast, params.id)).name}`);
    },
  }),
];
