import { z } from "zod";
import { nameOfHook } from "../../operations/run/hooks.ts";
import type { Hook } from "../../domain/app.ts";
import { idOf } from "../../domain/ids.ts";
import type { BackupPlan } from "../../domain/plan/backup.ts";
import { troubleOf, troubleSchema } from "./problems.ts";

export const backupWishSchema = z
  .strictObject({
    destination_ids: z.array(z.uuid()).min(1).max(100).optional().meta({
      description: "Only to these of the policy's destinations.",
    }),
    init: z.boolean().default(false).meta({
      description: "Create a repository anew although its destination was used before. Its snapshots are gone then.",
    }),
  })
  .optional();

export const backupBegunSchema = z
  .object({
    snapshot_id: z.uuid().meta({ description: "The snapshot in the policy's first destination." }),
    status: z.literal("in_progress"),
    run_id: z.uuid(),
    follows: z.boolean().meta({ description: "The app had a backup queued or going on: this is that one." }),
    snapshots: z.array(z.object({ id: z.uuid(), destination_id: z.uuid(), destination: z.string() })),
  })
  .meta({ id: "BackupBegun", description: "A backup that was queued." });

const hook = z.object({
  command: z
    .union([z.string(), z.array(z.string())])
    .meta({ description: "To admins as it is declared, to others the program alone: it may hold secrets." }),
  limit: z.number(),
});
const database = z.object({ name: z.string(), type: z.string(), replaces: z.array(z.string()) });

export const planSchema = z
  .object({
    configuration_id: z.uuid(),
    app_id: z.uuid(),
    app: z.string(),
    device: z.string(),
    before: z.array(hook).meta({ description: "Commands that run first; limit in seconds." }),
    pin: z.array(database).meta({ description: "Databases whose moment is fixed." }),
    dumps: z.array(database.extend({ export_to: z.string().optional() })),
    files: z.object({ paths: z.array(z.string()), missing: z.array(z.string()), exclude: z.array(z.string()) }),
    stores: z.array(
      z.object({ destination_id: z.uuid(), destination: z.string(), hostname: z.string(), tags: z.array(z.string()) }),
    ),
    disabled: z.array(z.string()).meta({ description: "Destinations of the policy that are disabled." }),
    after: z.array(hook),
    problems: z.array(troubleSchema).meta({ description: "What is wrong already and will be a result of the run." }),
    refusals: z.array(troubleSchema).meta({ description: "What forbids the run altogether." }),
  })
  .meta({ id: "BackupPlan", description: "What a backup would do." });

/** `whole`: with the hooks' commands, and not only their programs. */
export function planView(plan: BackupPlan, whole: boolean): z.input<typeof planSchema> {
  const hookView = whole ? wholeHook : programOf;
  return {
    configuration_id: idOf("configuration", plan.app),
    app_id: idOf("app", plan.app),
    app: plan.app,
    device: plan.device,
    before: plan.before.map(hookView),
    pin: plan.window.pin,
    dumps: plan.dumps.map(({ name, type, replaces, export: exported }) => ({
      name,
      type,
      replaces,
      ...(exported === undefined ? {} : { export_to: exported.folder }),
    })),
    files: plan.files,
    stores: plan.stores.map(({ destination, host, tags }) => ({
      destination_id: idOf("destination", destination),
      destination,
      hostname: host,
      tags,
    })),
    disabled: plan.disabled,
    after: plan.after.map(hookView),
    problems: plan.problems.map(troubleOf),
    refusals: plan.refusals.map(troubleOf),
  };
}

function wholeHook({ command, limitMs }: Hook): z.input<typeof hook> {
  return { command: typeof command === "string" ? command : [...command], limit: limitMs / 1000 };
}

function programOf(hooked: Hook): z.input<typeof hook> {
  const program = nameOfHook(hooked);
  return { command: typeof hooked.command === "string" ? program : [program], limit: hooked.limitMs / 1000 };
}
