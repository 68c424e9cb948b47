import { z } from "zod";

const count = z.int().min(0).max(100_000);

/** restic's duration for --keep-within: years, months, days and hours, such as `1y6m14d12h`. */
export const withinPattern = /^(?=\d)(\d+y)?(\d+m)?(\d+d)?(\d+h)?$/;

/** How many snapshots stay: the last N, and the newest of each of the last N hours, days, weeks, months, years. */
export const keepSchema = z
  .strictObject({
    last: count.optional().meta({ description: "The newest N." }),
    hourly: count.optional().meta({ description: "The newest of each of the last N hours that have one." }),
    daily: count.optional().meta({ description: "… of each of the last N days." }),
    weekly: count.optional().meta({ description: "… of each of the last N weeks." }),
    monthly: count.optional().meta({ description: "… of each of the last N months." }),
    yearly: count.optional().meta({ description: "… of each of the last N years." }),
    within: z
      .string()
      .regex(withinPattern, "a duration such as 1y6m14d12h")
      .optional()
      .meta({ description: "All of this time before the newest one, such as 1y6m14d12h (m are months)." }),
  })
  .refine((keep) => Object.values(keep).some((value) => value !== undefined && value !== 0), {
    message: "at least one rule that keeps something, such as { daily: 7 }",
  })
  .meta({ title: "Keep", description: "Which snapshots stay; a snapshot stays when any rule wants it." });

export type Keep = z.infer<typeof keepSchema>;

/** The default: three last, seven daily, four weekly, six monthly. */
export const defaultKeep: Keep = { last: 3, daily: 7, weekly: 4, monthly: 6 };
