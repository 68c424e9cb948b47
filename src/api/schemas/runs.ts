import { z } from "zod";
import { idOf } from "../../domain/ids.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import type { KeptEvent } from "../../state/queries/events.ts";
import { given } from "./paging.ts";
import { troubleOf, troubleSchema } from "./problems.ts";

export const runKinds = ["backup", "restore", "retain", "prune", "check"] as const;
export const runStates = ["queued", "running", "success", "warning", "failed", "cancelled"] as const;

export const runSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(runKinds),
    state: z.enum(runStates),
    app_id: z.uuid().nullable(),
    app: z.string().nullable(),
    destination_id: z.uuid().nullable(),
    destination: z.string().nullable().meta({ description: "The only one that it works on; backups have several." }),
    destinations: z.array(z.string()).meta({ description: "All that it uses, as far as that is known beforehand." }),
    requested_by: z.enum(["person", "schedule"]),
    dry_run: z.boolean(),
    attempt: z.int().meta({ description: "1, and one more for each retry." }),
    queued_at: z.iso.datetime(),
    not_before: z.iso.datetime().nullable(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
    duration: z.number().nullable().meta({ description: "Seconds from its start to its end." }),
    cancel_requested_at: z.iso.datetime().nullable(),
    problems: z.array(troubleSchema),
  })
  .meta({ id: "Run", description: "One execution of a plan." });

export function runView(run: RunRecord): z.input<typeof runSchema> {
  const { app, destination, startedAt, finishedAt } = run;
  const over = startedAt !== undefined && finishedAt !== undefined;
  return {
    id: run.id,
    kind: run.kind,
    state: run.state,
    app_id: app === undefined ? null : idOf("app", app),
    app: app ?? null,
    destination_id: destination === undefined ? null : idOf("destination", destination),
    destination: destination ?? null,
    destinations: run.destinations,
    requested_by: run.requestedBy,
    dry_run: run.dryRun,
    attempt: run.attempt,
    queued_at: run.queuedAt,
    not_before: run.notBefore ?? null,
    started_at: startedAt ?? null,
    finished_at: finishedAt ?? null,
    duration: over ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null,
    cancel_requested_at: run.cancelRequestedAt ?? null,
    problems: run.problems.map(troubleOf),
  };
}

const stepSchema = z.object({
  phase: z.string().meta({ examples: ["dump", "store", "restore"] }),
  subject: z.string().meta({ description: "A database, a destination, a hook." }),
});

export const progressSchema = z
  .object({
    step: stepSchema,
    bytes_done: z.number(),
    bytes_total: z.number().optional(),
    files_done: z.number().optional(),
    files_total: z.number().optional(),
    seconds_left: z.number().optional(),
  })
  .meta({ id: "RunProgress", description: "How far the step at work is." });

export const eventSchema = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    run_id: z.uuid(),
    kind: z.enum(runKinds).optional(),
    app: z.string().optional(),
    destination: z.string().optional(),
    type: z.enum(["queued", "started", "step-started", "step-finished", "waiting", "problem", "log", "finished"]),
    step: stepSchema.optional(),
    duration: z.number().optional().meta({ description: "Seconds." }),
    bytes: z.number().optional(),
    problem: troubleSchema.optional(),
    reason: z.string().optional().meta({ description: "What is waited for." }),
    line: z.string().optional(),
    outcome: z.enum(["success", "warning", "failed", "cancelled"]).optional(),
  })
  .meta({ id: "RunEvent", description: "Something that happened in a run." });

export function eventView({ id, at, runId, kind, app, destination, event }: KeptEvent): z.input<typeof eventSchema> {
  return { id, at, run_id: runId, ...given({ kind, app, destination }), ...told(event) };
}

function told(event: RunEvent): Pick<z.input<typeof eventSchema>, "type"> & Partial<z.input<typeof eventSchema>> {
  switch (event.type) {
    case "queued":
    case "started":
      return { type: event.type };
    case "step-started":
      return { type: event.type, step: event.step };
    case "step-finished": {
      const { type, step, durationMs, bytes, problem } = event;
      const trouble = problem === undefined ? undefined : troubleOf(problem);
      return { type, step, duration: durationMs / 1000, ...given({ bytes, problem: trouble }) };
    }
    case "waiting":
      return { type: event.type, step: event.step, reason: event.reason };
    case "problem":
      return { type: event.type, problem: troubleOf(event.problem) };
    case "log":
      return { type: event.type, step: event.step, line: event.line };
    case "step-progress":
      // Never a row of its own (state/queries/events.ts).
      return { type: "log", step: event.step, line: "" };
    case "finished":
      break;
  }
  return { type: event.type, outcome: event.outcome, duration: event.durationMs / 1000 };
}

/** Undefined for an event that is no progress. */
export function progressView(event: RunEvent | undefined): z.input<typeof progressSchema> | undefined {
  if (event?.type !== "step-progress") return undefined;
  const { bytesDone, bytesTotal, filesDone, filesTotal, secondsLeft } = event.progress;
  return {
    step: event.step,
    bytes_done: bytesDone,
    ...given({
      bytes_total: bytesTotal,
      files_done: filesDone,
      files_total: filesTotal,
      seconds_left: secondsLeft,
    }),
  };
}
