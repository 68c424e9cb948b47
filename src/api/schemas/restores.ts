import { z } from "zod";
import { troubleSchema } from "./problems.ts";

const file = z.string().min(1).max(8192);

export const restoreOrderSchema = z
  .strictObject({
    target_device_id: z
      .uuid()
      .optional()
      .meta({ description: "The machine to restore to; by default the daemon's own." }),
    target_path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({
        description:
          "An absent or empty folder below one of daemon.restore_roots. The snapshot's paths follow below it.",
        examples: ["/tmp/restore"],
      }),
    files: z.array(file).max(1000).default([]).meta({
      description:
        "Only these files and folders: absolute paths of the snapshot, or the end of exactly one path. Empty: everything.",
    }),
    in_place: z.boolean().default(false).meta({
      description: "Back to where it was, in place of target_path. What is there is kept until all has succeeded.",
    }),
    databases: z
      .union([z.enum(["none", "all"]), z.array(z.string().min(1).max(200)).max(100)])
      .default("none")
      .meta({
        description: "Databases to load from the snapshot's dumps into their servers: what is in them is replaced.",
      }),
    wait: z
      .boolean()
      .default(true)
      .meta({ description: "Answer when it has ended; otherwise as soon as it has begun." }),
  })
  .refine((order) => order.in_place !== (order.target_path !== undefined), {
    path: ["target_path"],
    error: "expected either target_path or in_place: true",
  });

export const restoredSchema = z
  .object({
    success: z.boolean(),
    message: z.string(),
    restored_path: z.string().nullable().meta({ description: "Null after a restore in place." }),
    run_id: z.uuid(),
    files: z.int().meta({ description: "Regular files that are there now." }),
    bytes: z.int(),
    verified: z.boolean().meta({ description: "Every file was compared with what the repository holds." }),
    databases: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        rows: z.int(),
        duration: z.number().meta({ description: "Seconds." }),
        problem: troubleSchema.optional(),
      }),
    ),
    problems: z.array(troubleSchema).meta({ description: "Warnings." }),
  })
  .meta({ id: "Restored", description: "What a restore brought back." });

export const restoreBegunSchema = z
  .object({ run_id: z.uuid(), status: z.literal("in_progress") })
  .meta({ id: "RestoreBegun" });
