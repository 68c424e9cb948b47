import { failure } from "../../base/errors/error.ts";
import { covers } from "../../domain/access.ts";
import { idOf } from "../../domain/ids.ts";
import { requestBackup } from "../../operations/backup/request.ts";
import { configuredAppById, destinationById } from "../../operations/context/by-id.ts";
import { planAll } from "../../operations/plan/plan.ts";
import { needScope } from "../access/need-scope.ts";
import { route, type Route } from "../route.ts";
import { backupBegunSchema, backupWishSchema, planSchema, planView } from "../schemas/backups.ts";
import { idParams } from "../shapes.ts";

const tag = "Configurations";

export const backupRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/v1/backup/configurations/:id/backup",
    access: "operate",
    tag,
    summary: "Back up now",
    description:
      "Queues a backup of the app. It has a snapshot record in each destination from then on, which says `in_progress` " +
      "until it is stored. An app that has a backup queued or going on gets no second one: the answer is that one.",
    params: idParams,
    body: backupWishSchema,
    answers: { 202: backupBegunSchema },
    async run({ live, holdfast, params, body, actor, about }) {
      const app = configuredAppById(holdfast, params.id);
      about(`app ${app.name}`);
      if (body?.init === true) needScope(actor, "admin");
      const only = body?.destination_ids?.map((id) => String(destinationById(holdfast, id).name));
      const wish = { initialise: body?.init ?? false, ...(only === undefined ? {} : { only }) };
      const { runId, follows, snapshots } = await requestBackup(holdfast, app, wish);
      live.wake();
      const [first] = snapshots;
      if (first === undefined) throw failure("HF_INTERNAL", { detail: "a backup was queued without a snapshot" });
      return {
        snapshot_id: first.id,
        status: "in_progress",
        run_id: runId,
        follows,
        snapshots: snapshots.map(({ id, destination }) => ({
          id,
          destination_id: idOf("destination", destination),
          destination,
        })),
      };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/backup/configurations/:id/plan",
    access: "read",
    tag,
    summary: "What a backup would do",
    description: "The same as `holdfast plan`. Reaches no server and writes nothing.",
    params: idParams,
    answers: { 200: planSchema },
    async run({ holdfast, params, actor }) {
      const app = configuredAppById(holdfast, params.id);
      const [plan] = await planAll(holdfast, { apps: [app.name] });
      if (plan === undefined) throw failure("HF_INTERNAL", { detail: `no plan was made for ${app.name}` });
      return planView(plan, actor !== undefined && covers(actor.scope, "admin"));
    },
  }),
];
