import { z } from "zod";
import type { Policy } from "../../domain/app.ts";
import { blackoutSchema, blackoutText } from "../../domain/atoms/blackout.ts";
import { cronSchema } from "../../domain/atoms/cron.ts";
import { durationSchema, durationText } from "../../domain/atoms/duration.ts";
import { withinPattern } from "../../domain/atoms/keep.ts";
import { labelSchema } from "../../domain/atoms/name.ts";
import { timezoneSchema } from "../../domain/atoms/timezone.ts";
import { idOf } from "../../domain/ids.ts";
import type { DeclarationTimes } from "../../state/queries/declarations.ts";
import { declaredFields, declaredView, written } from "./declared.ts";

const count = (what: string) =>
  z
    .int()
    .min(0)
    .max(100_000)
    .meta({ description: `How many ${what} stay.` });

/** How many snapshots stay; 0 or nothing is no rule. */
export const keepFields = {
  keep_last: count("of the newest").optional(),
  keep_hourly: count("hours with one").optional(),
  keep_daily: count("days with one").optional(),
  keep_weekly: count("weeks with one").optional(),
  keep_monthly: count("months with one").optional(),
  keep_yearly: count("years with one").optional(),
  keep_within: z
    .string()
    .max(50)
    .regex(withinPattern, "a duration such as 1y6m14d12h")
    .optional()
    .meta({ description: "All of this time before the newest one stay, such as 1y6m14d12h (m are months)." }),
};
type KeepField = keyof typeof keepFields;
const keepNames: readonly KeepField[] = [
  "keep_last",
  "keep_hourly",
  "keep_daily",
  "keep_weekly",
  "keep_monthly",
  "keep_yearly",
  "keep_within",
];

const schedule = written(cronSchema).meta({
  description: "Cron, five fields, such as `0 2 * * *`; or a nickname such as @daily.",
});
const timezone = z.string().max(100).pipe(timezoneSchema).meta({
  description: "Time zone of the schedule, such as Europe/Berlin. Default: the daemon's.",
});
const blackout = z
  .array(written(blackoutSchema))
  .max(50)
  .meta({ description: "Times in which the schedule starts nothing, such as `Mon-Fri 08:00-18:00`." });
const jitter = written(durationSchema).meta({
  description: "Each run starts up to this much later, such as 2h. Default 2h; `0s` for none.",
});
const expectedAge = written(durationSchema).meta({
  description: "Alarm when the newest good snapshot is older, such as 26h. Default: what the schedule promises.",
});
const description = z.string().max(1000);
const destinationIds = z
  .array(z.uuid())
  .max(100)
  .meta({ description: "Default: those of the policy `default`, which are all when it names none." });
const skipUnchanged = z
  .boolean()
  .meta({ description: "A scheduled run stores nothing when nothing has changed. Default true." });
const enabled = z.boolean().meta({ description: "Whether the schedule starts runs. Default true." });

export const newPolicySchema = z
  .strictObject({
    name: labelSchema,
    description: description.optional(),
    schedule: schedule.optional(),
    enabled: enabled.optional(),
    timezone: timezone.optional(),
    blackout: blackout.optional(),
    jitter: jitter.optional(),
    expected_age: expectedAge.optional(),
    ...keepFields,
    destination_ids: destinationIds.optional(),
    skip_unchanged: skipUnchanged.optional(),
  })
  .refine(keepsSomething, { message: "at least one keep_… above 0", path: ["keep_last"] })
  .meta({
    id: "NewPolicy",
    description: "What is left out comes from the policy `default`.",
    examples: [
      {
        name: "Daily Backups",
        schedule: "0 2 * * *",
        keep_daily: 7,
        keep_weekly: 4,
        keep_monthly: 6,
        destination_ids: ["6d4f2a0e-6a0c-5e1b-9a51-0f9a4f2f7c10"],
      },
    ],
  });

/** Without any rule the default's stay; rules that keep nothing are a mistake. */
function keepsSomething(body: Partial<Record<KeepField, number | string | undefined>>): boolean {
  const given = keepNames.map((name) => body[name]).filter((value) => value !== undefined);
  return given.length === 0 || given.some((value) => value !== 0);
}

export const policyChangesSchema = z
  .strictObject({
    description: description.nullable().optional(),
    schedule: schedule.nullable().optional(),
    enabled: enabled.nullable().optional(),
    timezone: timezone.nullable().optional(),
    blackout: blackout.nullable().optional(),
    jitter: jitter.nullable().optional(),
    expected_age: expectedAge.nullable().optional(),
    keep_last: keepFields.keep_last.nullable(),
    keep_hourly: keepFields.keep_hourly.nullable(),
    keep_daily: keepFields.keep_daily.nullable(),
    keep_weekly: keepFields.keep_weekly.nullable(),
    keep_monthly: keepFields.keep_monthly.nullable(),
    keep_yearly: keepFields.keep_yearly.nullable(),
    keep_within: keepFields.keep_within.nullable(),
    destination_ids: destinationIds.nullable().optional(),
    skip_unchanged: skipUnchanged.nullable().optional(),
  })
  .meta({
    id: "PolicyChanges",
    description: "null takes a field back to that of the policy `default`; of the rules, once none of its own is left.",
  });

type Written = Partial<z.output<typeof policyChangesSchema>>;

/** The fields as they stand in holdfast.yaml. */
export function policyFields(body: Written, destinations: string[] | null | undefined): Record<string, unknown> {
  const keep = Object.fromEntries(
    keepNames.flatMap((name) => (body[name] === undefined ? [] : [[name.slice("keep_".length), body[name]]])),
  );
  return {
    description: body.description,
    schedule: body.schedule,
    enabled: body.enabled,
    timezone: body.timezone,
    blackout: body.blackout,
    jitter: body.jitter,
    expected_age: body.expected_age,
    skip_unchanged: body.skip_unchanged,
    ...(Object.keys(keep).length === 0 ? {} : { keep }),
    destinations,
  };
}

export const policySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    is_default: z.boolean().meta({ description: "It applies to every app whose configuration names no other." }),
    schedule: z.string().nullable().meta({ description: "Null: the schedule starts nothing." }),
    enabled: z.boolean(),
    timezone: z.string().nullable().meta({ description: "Null: the daemon's own." }),
    blackout: z.array(z.string()),
    jitter: z.string(),
    expected_age: z.string().nullable().meta({ description: "Null: what the schedule promises." }),
    keep_last: z.int(),
    keep_hourly: z.int(),
    keep_daily: z.int(),
    keep_weekly: z.int(),
    keep_monthly: z.int(),
    keep_yearly: z.int(),
    keep_within: z.string().nullable(),
    destination_ids: z.array(z.uuid()),
    skip_unchanged: z.boolean(),
    ...declaredFields,
  })
  .meta({ id: "Policy" });

export function policyView(policy: Policy, times: DeclarationTimes | undefined): z.output<typeof policySchema> {
  const { keep } = policy;
  return {
    id: idOf("policy", policy.name),
    name: policy.name,
    description: policy.description ?? "",
    is_default: policy.name === "default",
    schedule: policy.schedule ?? null,
    enabled: policy.enabled,
    timezone: policy.timezone ?? null,
    blackout: policy.blackout.map(blackoutText),
    jitter: durationText(policy.jitterMs),
    expected_age: policy.expectedAgeMs === undefined ? null : durationText(policy.expectedAgeMs),
    keep_last: keep.last ?? 0,
    keep_hourly: keep.hourly ?? 0,
    keep_daily: keep.daily ?? 0,
    keep_weekly: keep.weekly ?? 0,
    keep_monthly: keep.monthly ?? 0,
    keep_yearly: keep.yearly ?? 0,
    keep_within: keep.within ?? null,
    destination_ids: policy.destinations.map((name) => idOf("destination", name)),
    skip_unchanged: policy.skipUnchanged,
    ...declaredView(policy.origin, times),
  };
}
