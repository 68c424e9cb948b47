import { z } from "zod";
import type { App } from "../../domain/app.ts";
import { idOf } from "../../domain/ids.ts";
import { appById, configuredAppById } from "../../operations/context/by-id.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import {
  changeConfiguration,
  resetConfiguration,
  setConfiguration,
  systemApp,
} from "../../operations/declare/configuration.ts";
import { declarationTimes } from "../../state/queries/declarations.ts";
import { route, type Route } from "../route.ts";
import {
  configurationChangesSchema,
  configurationFields,
  configurationSchema,
  configurationView,
  newConfigurationSchema,
} from "../schemas/configurations.ts";
import { byOf, nameCursor, nameCursorAfter, policyNameOf } from "../schemas/declared.ts";
import { flag, idParams, limitOf } from "../shapes.ts";

const tag = "Configurations";
const path = "/api/v1/backup/configurations";

type View = z.output<typeof configurationSchema>;

async function viewsOf({ declared, state }: Holdfast, apps: readonly App[]): Promise<View[]> {
  const names = apps.map((app): string => app.name);
  const wanted = new Set(names);
  const times = names.length === 0 ? new Map() : await declarationTimes(state, "configuration", names);
  const configurations = new Map(
    declared.configurations.filter(({ app }) => wanted.has(app)).map((one) => [String(one.app), one]),
  );
  return apps.map((app) =>
    configurationView(app, configurations.get(app.name) ?? { app: app.name, fixed: [] }, times.get(app.name)),
  );
}

async function viewOf(holdfast: Holdfast, id: string): Promise<View> {
  const app = configuredAppById(holdfast, id);
  const [view] = await viewsOf(holdfast, [app]);
  if (view === undefined) throw new Error("one app has one view");
  return view;
}

function appOf(holdfast: Holdfast, body: z.output<typeof newConfigurationSchema>): App {
  if (body.system_type !== undefined) return systemApp(holdfast, body.system_type);
  return appById(holdfast, body.app_id ?? "");
}

export const configurationRoutes: readonly Route[] = [
  route({
    method: "GET",
    path,
    access: "read",
    tag,
    summary: "List configurations",
    description: "Every app has one; what nobody set is as its source and the defaults say.",
    query: z.strictObject({
      app_id: z.uuid().optional(),
      policy_id: z.uuid().optional(),
      is_system_backup: flag.optional(),
      cursor: nameCursor.optional(),
      limit: limitOf(100, 500),
    }),
    answers: {
      200: z.object({
        configurations: z.array(configurationSchema),
        next_cursor: z.string().nullable().meta({ description: "For the page after this one; null on the last." }),
      }),
    },
    async run({ holdfast, query }) {
      const { app_id: id, policy_id: policy, is_system_backup: system, cursor, limit } = query;
      const apps = holdfast.declared.apps
        .filter((app) => cursor === undefined || app.name > cursor)
        .filter((app) => id === undefined || idOf("app", app.name) === id)
        .filter((app) => policy === undefined || idOf("policy", app.policy) === policy)
        .filter((app) => system === undefined || (app.system !== undefined) === system)
        .sort((one, other) => (one.name < other.name ? -1 : 1));
      const page = apps.slice(0, limit);
      const last = page.at(-1);
      return {
        configurations: await viewsOf(holdfast, page),
        next_cursor: apps.length > limit && last !== undefined ? nameCursorAfter(last.name) : null,
      };
    },
  }),
  route({
    method: "POST",
    path,
    access: "admin",
    tag,
    summary: "Configure the backup of an app",
    description:
      "Or of Holdfast itself (`is_system_backup`). What the app's own source declares can only be changed there.",
    body: newConfigurationSchema,
    answers: { 201: configurationSchema },
    async run({ holdfast, body, live, actor, about }) {
      const app = appOf(holdfast, body);
      about(`configuration ${app.name}`);
      const fields = configurationFields(body, policyNameOf(holdfast, body.policy_id));
      await setConfiguration(holdfast, app, fields, byOf(actor));
      await live.redeclare();
      return await viewOf(live.holdfast(), idOf("configuration", app.name));
    },
  }),
  route({
    method: "GET",
    path: `${path}/:id`,
    access: "read",
    tag,
    summary: "Read a configuration",
    params: idParams,
    answers: { 200: configurationSchema },
    run: async ({ holdfast, params }) => await viewOf(holdfast, params.id),
  }),
  route({
    method: "PATCH",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Change a configuration",
    params: idParams,
    body: configurationChangesSchema,
    answers: { 200: configurationSchema },
    async run({ holdfast, params, body, live, actor, about }) {
      const app = configuredAppById(holdfast, params.id);
      about(`configuration ${app.name}`);
      const fields = configurationFields(body, policyNameOf(holdfast, body.policy_id));
      await changeConfiguration(holdfast, app, fields, byOf(actor));
      await live.redeclare();
      return await viewOf(live.holdfast(), params.id);
    },
  }),
  route({
    method: "DELETE",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Take a configuration back to the usual",
    description: "The app is backed up on, by the policy that its source names, else `default`.",
    params: idParams,
    answers: { 204: "nothing" },
    async run({ holdfast, params, live, actor, about }) {
      const app = configuredAppById(holdfast, params.id);
      about(`configuration ${app.name}`);
      await resetConfiguration(holdfast, app, byOf(actor));
      await live.redeclare();
    },
  }),
];
