import { z } from "zod";
import type { App } from "../../domain/app.ts";
import { keepSchema, type Keep } from "../../domain/atoms/keep.ts";
import { idOf } from "../../domain/ids.ts";
import { appById, policyById } from "../../operations/context/by-id.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { changePolicy, createPolicy, deletePolicy } from "../../operations/declare/policy.ts";
import { previewRetention, type RetentionPreview } from "../../operations/retain/preview.ts";
import { declarationTimes } from "../../state/queries/declarations.ts";
import { InvalidRequest } from "../problems.ts";
import { route, type Route } from "../route.ts";
import { byOf, namesOfIds } from "../schemas/declared.ts";
import {
  keepFields,
  newPolicySchema,
  policyChangesSchema,
  policyFields,
  policySchema,
  policyView,
} from "../schemas/policies.ts";
import { idParams } from "../shapes.ts";

const tag = "Policies";
const path = "/api/v1/backup/policies";

const previewSchema = z
  .object({
    previews: z.array(
      z.object({
        app_id: z.uuid(),
        app: z.string(),
        destination_id: z.uuid(),
        destination: z.string(),
        append_only: z.boolean().meta({ description: "Nothing is forgotten there from here, whatever the rules say." }),
        kept: z.int(),
        forgotten: z.int(),
        snapshots: z.array(
          z.object({
            id: z.uuid(),
            restic_snapshot_id: z.string(),
            time: z.string(),
            verdict: z.enum(["good", "partial", "suspect", "unproven"]),
            pinned: z.boolean(),
            keep: z.boolean(),
            reasons: z.array(z.string()),
          }),
        ),
      }),
    ),
    next_app_id: z.uuid().nullable().meta({ description: "Ask again from this app on; null when these were all." }),
  })
  .meta({ id: "RetentionPreview", description: "Which snapshots would stay, and why; newest first." });

const previewScope = {
  app_ids: z.array(z.uuid()).min(1).max(100).optional().meta({ description: "Only these apps." }),
  from_app_id: z.uuid().optional().meta({ description: "`next_app_id` of an earlier answer." }),
};
/** So many snapshots at most, roughly, are answered at once; an app's histories are never divided. */
const previewLimit = 2000;

function view({ app, destination, appendOnly, snapshots }: RetentionPreview) {
  return {
    app_id: idOf("app", app),
    app,
    destination_id: idOf("destination", destination),
    destination,
    append_only: appendOnly,
    kept: snapshots.filter(({ keep }) => keep).length,
    forgotten: snapshots.filter(({ keep }) => !keep).length,
    snapshots: snapshots.map(({ record, keep, reasons }) => ({
      id: record.id,
      restic_snapshot_id: record.resticId ?? "",
      time: record.time ?? record.startedAt,
      verdict: record.verdict ?? "unproven",
      pinned: record.pinned,
      keep,
      reasons,
    })),
  };
}

async function preview(
  holdfast: Holdfast,
  apps: readonly App[],
  keep: Keep,
  from: string | undefined,
): Promise<z.input<typeof previewSchema>> {
  const start = from === undefined ? 0 : apps.findIndex((app) => idOf("app", app.name) === from);
  // From the first one again, a client that reads on would never come to an end.
  if (start === -1) throw new InvalidRequest([{ path: "body.from_app_id", message: "an app that is still there" }]);
  const previews: RetentionPreview[] = [];
  let count = 0;
  for (const app of apps.slice(start)) {
    if (count >= previewLimit) return { previews: previews.map(view), next_app_id: idOf("app", app.name) };
    const found = await previewRetention(holdfast, app, keep);
    count += found.reduce((sum, { snapshots }) => sum + snapshots.length, 0);
    previews.push(...found);
  }
  return { previews: previews.map(view), next_app_id: null };
}

function wanted(holdfast: Holdfast, ids: readonly string[] | undefined, usual: readonly App[]): readonly App[] {
  return ids === undefined ? usual : ids.map((id) => appById(holdfast, id));
}

/** The rules of a request over those that hold now. Throws InvalidRequest when they would keep nothing. */
function keepOf(rules: Record<string, unknown>, before: Keep): Keep {
  const parsed = keepSchema.safeParse({ ...before, ...rules });
  if (parsed.success) return parsed.data;
  throw new InvalidRequest([{ path: "body.keep_last", message: parsed.error.issues[0]?.message ?? "a retention" }]);
}

function destinationNames(holdfast: Holdfast, ids: string[] | null | undefined): string[] | null | undefined {
  if (ids === undefined || ids === null) return ids;
  const names = new Map(holdfast.declared.destinations.map(({ name }) => [idOf("destination", name), String(name)]));
  return namesOfIds(ids, "destination_ids", (id) => names.get(id));
}

async function viewOf(holdfast: Holdfast, id: string): Promise<z.output<typeof policySchema>> {
  const policy = policyById(holdfast, id);
  return policyView(policy, (await declarationTimes(holdfast.state, "policy", [policy.name])).get(policy.name));
}

export const policyRoutes: readonly Route[] = [
  route({
    method: "GET",
    path,
    access: "read",
    tag,
    summary: "List policies",
    answers: { 200: z.object({ policies: z.array(policySchema) }) },
    async run({ holdfast }) {
      const times = await declarationTimes(holdfast.state, "policy");
      return { policies: holdfast.declared.policies.map((policy) => policyView(policy, times.get(policy.name))) };
    },
  }),
  route({
    method: "POST",
    path,
    access: "admin",
    tag,
    summary: "Create a policy",
    body: newPolicySchema,
    answers: { 201: policySchema },
    async run({ holdfast, body, live, actor, about }) {
      about(`policy ${body.name}`);
      const fields = policyFields(body, destinationNames(holdfast, body.destination_ids));
      await createPolicy(holdfast, body.name, fields, byOf(actor));
      await live.redeclare();
      return await viewOf(live.holdfast(), idOf("policy", body.name));
    },
  }),
  route({
    method: "POST",
    path: `${path}/preview`,
    access: "read",
    tag,
    summary: "Preview a retention",
    description: "Which snapshots these rules would keep, and why, before any policy has them. Nothing is changed.",
    body: z.strictObject({ ...keepFields, ...previewScope }),
    answers: { 200: previewSchema },
    async run({ holdfast, body }) {
      const { keep } = policyFields(body, undefined);
      const apps = wanted(holdfast, body.app_ids, holdfast.declared.apps);
      return await preview(holdfast, apps, keepOf(rulesIn(keep), {}), body.from_app_id);
    },
  }),
  route({
    method: "GET",
    path: `${path}/:id`,
    access: "read",
    tag,
    summary: "Read a policy",
    params: idParams,
    answers: { 200: policySchema },
    run: async ({ holdfast, params }) => await viewOf(holdfast, params.id),
  }),
  route({
    method: "PATCH",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Change a policy",
    description: "What is left out stays. The policy `default` can be changed too, unless a file declares it.",
    params: idParams,
    body: policyChangesSchema,
    answers: { 200: policySchema },
    async run({ holdfast, params, body, live, actor, about }) {
      const policy = policyById(holdfast, params.id);
      about(`policy ${policy.name}`);
      const fields = policyFields(body, destinationNames(holdfast, body.destination_ids));
      await changePolicy(holdfast, policy, fields, byOf(actor));
      await live.redeclare();
      return await viewOf(live.holdfast(), params.id);
    },
  }),
  route({
    method: "DELETE",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Delete a policy",
    description: "Only one that nothing uses. `default` is always there.",
    params: idParams,
    answers: { 204: "nothing" },
    async run({ holdfast, params, live, actor, about }) {
      const policy = policyById(holdfast, params.id);
      about(`policy ${policy.name}`);
      await deletePolicy(holdfast, policy, byOf(actor));
      await live.redeclare();
    },
  }),
  route({
    method: "POST",
    path: `${path}/:id/preview`,
    access: "read",
    tag,
    summary: "Preview a policy's retention",
    description: "As it is, or with other rules in the place of some of its own. Nothing is changed.",
    params: idParams,
    body: z.strictObject({ ...keepFields, ...previewScope }),
    answers: { 200: previewSchema },
    async run({ holdfast, params, body }) {
      const policy = policyById(holdfast, params.id);
      const { keep } = policyFields(body, undefined);
      const own = holdfast.declared.apps.filter((app) => app.policy === policy.name);
      const apps = wanted(holdfast, body.app_ids, own);
      return await preview(holdfast, apps, keepOf(rulesIn(keep), policy.keep), body.from_app_id);
    },
  }),
];

function rulesIn(keep: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).catch({}).parse(keep);
}
