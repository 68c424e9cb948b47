import { z } from "zod";
import type { App } from "../../domain/app.ts";
import { idOf } from "../../domain/ids.ts";
import { appById } from "../../operations/context/by-id.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { changeApp, createApp, deleteApp } from "../../operations/declare/app.ts";
import { appStandings } from "../../operations/status/apps.ts";
import { declarationTimes } from "../../state/queries/declarations.ts";
import { route, type Route } from "../route.ts";
import { appChangesSchema, appFields, appSchema, appView, newAppSchema } from "../schemas/apps.ts";
import { byOf, nameCursor, nameCursorAfter, policyNameOf } from "../schemas/declared.ts";
import { flag, idParams, limitOf } from "../shapes.ts";

const tag = "Apps";
const path = "/api/v1/backup/apps";

type View = z.input<typeof appSchema>;

async function viewsOf(holdfast: Holdfast, apps: readonly App[]): Promise<View[]> {
  const names = apps.map((app): string => app.name);
  if (names.length === 0) return [];
  const [standings, times] = await Promise.all([
    appStandings(holdfast, apps),
    declarationTimes(holdfast.state, "app", names),
  ]);
  return standings.map((standing) => appView(standing, times.get(standing.app.name)));
}

async function viewOf(holdfast: Holdfast, id: string): Promise<View> {
  const [view] = await viewsOf(holdfast, [appById(holdfast, id)]);
  if (view === undefined) throw new Error("one app has one view");
  return view;
}

export const appRoutes: readonly Route[] = [
  route({
    method: "GET",
    path,
    access: "read",
    tag,
    summary: "List apps",
    description: "In the order of their names, with how each stands.",
    query: z.strictObject({
      name: z.string().max(200).optional().meta({ description: "Only those whose name contains this." }),
      policy_id: z.uuid().optional(),
      is_system_backup: flag.optional(),
      enabled: flag.optional(),
      cursor: nameCursor.optional(),
      limit: limitOf(50, 200),
    }),
    answers: {
      200: z.object({
        apps: z.array(appSchema),
        total: z.int().meta({ description: "How many there are in all pages." }),
        next_cursor: z.string().nullable().meta({ description: "For the page after this one; null on the last." }),
      }),
    },
    async run({ holdfast, query }) {
      const { name, policy_id: policy, is_system_backup: system, enabled, cursor, limit } = query;
      const found = holdfast.declared.apps
        .filter((app) => name === undefined || app.name.toLowerCase().includes(name.toLowerCase()))
        .filter((app) => policy === undefined || idOf("policy", app.policy) === policy)
        .filter((app) => system === undefined || (app.system !== undefined) === system)
        .filter((app) => enabled === undefined || app.enabled === enabled)
        .sort((one, other) => (one.name < other.name ? -1 : 1));
      const rest = found.filter((app) => cursor === undefined || app.name > cursor);
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      return {
        apps: await viewsOf(holdfast, page),
        total: found.length,
        next_cursor: rest.length > limit && last !== undefined ? nameCursorAfter(last.name) : null,
      };
    },
  }),
  route({
    method: "POST",
    path,
    access: "admin",
    tag,
    summary: "Declare an app",
    body: newAppSchema,
    answers: { 201: appSchema },
    async run({ holdfast, body, live, actor, about }) {
      about(`app ${body.name}`);
      const policy = policyNameOf(holdfast, body.policy_id);
      await createApp(holdfast, body.name, { fields: appFields(body), policy }, byOf(actor));
      await live.redeclare();
      return await viewOf(live.holdfast(), idOf("app", body.name));
    },
  }),
  route({
    method: "GET",
    path: `${path}/:id`,
    access: "read",
    tag,
    summary: "Read an app",
    params: idParams,
    answers: { 200: appSchema },
    run: async ({ holdfast, params }) => await viewOf(holdfast, params.id),
  }),
  route({
    method: "PATCH",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Change an app that the API declared",
    params: idParams,
    body: appChangesSchema,
    answers: { 200: appSchema },
    async run({ holdfast, params, body, live, actor, about }) {
      const app = appById(holdfast, params.id);
      about(`app ${app.name}`);
      const policy = policyNameOf(holdfast, body.policy_id);
      await changeApp(holdfast, app, { fields: appFields(body), policy }, byOf(actor));
      await live.redeclare();
      return await viewOf(live.holdfast(), params.id);
    },
  }),
  route({
    method: "DELETE",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Delete an app that the API declared",
    description: "It is no longer backed up. Its snapshots stay, and none of them is forgotten.",
    params: idParams,
    answers: { 204: "nothing" },
    async run({ holdfast, params, live, actor, about }) {
      const app = appById(holdfast, params.id);
      about(`app ${app.name}`);
      await deleteApp(holdfast, app, byOf(actor));
      await live.redeclare();
    },
  }),
];
