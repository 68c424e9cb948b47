import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { failure, HoldfastError, type Problem } from "../../base/errors/error.ts";
import type { RunId } from "../../domain/names.ts";
import { outcomeOfProblem } from "../../domain/outcome.ts";
import { restoreOrder } from "../../operations/restore/order.ts";
import type { RestoreReport } from "../../operations/restore/report.ts";
import { auditBegin } from "../access/audit.ts";
import { problemDocument, problemType } from "../problems.ts";
import { route, type Route } from "../route.ts";
import { given } from "../schemas/paging.ts";
import { troubleOf } from "../schemas/problems.ts";
import { restoreBegunSchema, restoredSchema, restoreOrderSchema } from "../schemas/restores.ts";
import { idParams } from "../shapes.ts";

export const restoreRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/v1/backup/snapshots/:id/restore",
    access: "operate",
    tag: "Snapshots",
    summary: "Restore a snapshot",
    description:
      "Files to a fresh folder, or back to where they were; databases only when asked for. A client that goes away does " +
      "not end it. A failed restore answers with its first problem and run_id.",
    params: idParams,
    body: restoreOrderSchema,
    answers: { 200: restoredSchema, 202: restoreBegunSchema },
    async run({ live, holdfast, params, body, about, request, reply }) {
      about(`snapshot ${params.id}`);
      const { target_path: target, target_device_id: device, files, databases } = body;
      const order = { snapshot: params.id, files, databases, ...given({ target, device }) };
      if (target === undefined) await auditBegin(holdfast, request, `snapshot ${params.id}: restore in place begins`);
      let id: RunId | undefined;
      let tellBegun: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => {
        tellBegun = resolve;
      });
      const work = live.during(
        async (caller) =>
          await restoreOrder(holdfast, order, caller, (run) => {
            id = run;
            tellBegun();
          }),
      );
      // Also what is not waited for is waited for until it has begun: until then its failure is the answer.
      const report = await (body.wait ? work : Promise.race([begun, work]));
      if (id === undefined) throw failure("HF_INTERNAL", { detail: "a restore ended without a run" });
      if (report === undefined) {
        // Its run says what becomes of it.
        work.catch(() => undefined);
        return await reply
          .code(202)
          .type("application/json; charset=utf-8")
          .send(JSON.stringify(restoreBegunSchema.parse({ run_id: id, status: "in_progress" })));
      }
      const { outcome } = report;
      if (outcome === "success" || outcome === "warning") return restoredView(report, id, target);
      return await sendFailed(request, reply, firstOf(report), id);
    },
  }),
];

function restoredView(report: RestoreReport, run: RunId, target: string | undefined): z.input<typeof restoredSchema> {
  return {
    success: true,
    message: report.outcome === "success" ? "Restore completed successfully" : "Restore completed with warnings",
    restored_path: target ?? null,
    run_id: run,
    files: report.files.count,
    bytes: report.files.bytes,
    verified: report.verified,
    databases: report.databases.map(({ name, type, rows, durationMs, problem }) => ({
      name,
      type,
      rows,
      duration: durationMs / 1000,
      ...(problem === undefined ? {} : { problem: troubleOf(problem) }),
    })),
    problems: report.problems.map(troubleOf),
  };
}

/** The problem that made it fail: a warning before it did not. */
function firstOf({ problems, outcome }: RestoreReport): Problem {
  const found = problems.find((one) => outcomeOfProblem(one) === outcome) ?? problems[0];
  if (found === undefined) throw failure("HF_INTERNAL", { detail: "a restore failed without a problem" });
  return found;
}

async function sendFailed(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Problem,
  run: RunId,
): Promise<FastifyReply> {
  // A bug is for the log, and not for the client.
  if (found.code === "HF_INTERNAL") throw new HoldfastError(found);
  const document = { ...problemDocument(found, request.id), run_id: run };
  return await reply.code(document.status).type(problemType).send(JSON.stringify(document));
}
