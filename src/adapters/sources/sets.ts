import { normalize } from "node:path";
import { z } from "zod";
import { problem, type Problem } from "../../base/errors/error.ts";
import { keepSchema, type Keep } from "../../domain/atoms/keep.ts";
import { nameSchema } from "../../domain/atoms/name.ts";
import { patternSchema } from "../../domain/atoms/pattern.ts";
import type { AppDeclaration, LeftOut, PolicyDeclaration } from "../../domain/declaration.ts";
import { appName, policyName, type DestinationName } from "../../domain/names.ts";
import { readList, type ListText } from "./entry-list.ts";

const path = z.string().startsWith("/", "an absolute path, such as /data/appdata");
const count = z
  .union([
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,6}$/, "a whole number")
      .transform(Number),
  ])
  .optional();
const patterns = z.union([patternSchema.transform((one) => [one]), z.array(patternSchema)]).optional();

const setSchema = z.looseObject({
  name: nameSchema,
  paths: z.union([path.transform((one) => [one]), z.array(path).min(1, "at least one path")]),
  frequency: z
    .string()
    .toLowerCase()
    .pipe(z.enum(["daily", "weekly", "monthly"]))
    .default("daily"),
  keep_last: count,
  keep_hourly: count,
  keep_daily: count,
  keep_weekly: count,
  keep_monthly: count,
  keep_yearly: count,
  keep_within: z.string().optional(),
  excludes: patterns,
  exclude: patterns,
});
type BackupSet = z.output<typeof setSchema>;

/** Days of the month, month and day of the week: every day, Sundays, the first. */
const days = { daily: "* * *", weekly: "* * 0", monthly: "1 * *" } as const;

export interface SetsOptions {
  /** The hour at which all of them run. */
  hour: number;
  /** The destination that the environment names, if any. */
  target: { destinations?: DestinationName[] };
  help: string;
}

/** Each backup set as an app with a policy of its own, named `set-NAME`. */
export function readSets(
  source: ListText,
  { hour, target, help }: SetsOptions,
): { apps: AppDeclaration[]; policies: PolicyDeclaration[]; problems: Problem[]; leftOut: LeftOut[] } {
  const list = readList(source, setSchema, help);
  const apps: AppDeclaration[] = [];
  const policies: PolicyDeclaration[] = [];
  const problems = [...list.problems];
  const lost = [...list.lost];
  for (const { item: set, place } of list.entries) {
    const keep = keepOf(set);
    if (typeof keep === "string") {
      problems.push(
        problem("HF_CONFIG_INVALID", { place: place([]), expected: keep, found: "none", suggestion: help }),
      );
      lost.push(set.name);
      continue;
    }
    const name = policyName(`set-${set.name}`);
    const origin = "environment";
    apps.push({
      name: appName(set.name),
      origin,
      paths: set.paths.map((one) => (normalize(one) === "/" ? "/" : normalize(one).replace(/\/$/, ""))),
      exclude: [...(set.excludes ?? []), ...(set.exclude ?? [])],
      tags: [`backup-set:${set.name}`],
      policy: name,
      order: 1,
    });
    const schedule = `0 ${hour} ${days[set.frequency]}`;
    policies.push({ name, origin, schedule, jitterMs: 0, dueDaysOnly: true, ...(keep && { keep }), ...target });
  }
  return { apps, policies, problems, leftOut: lost.map((name) => ({ kind: "app", name })) };
}

/** What the set keeps; undefined when it does not say (then the policy `default` does), a text when it cannot be. */
function keepOf(set: BackupSet): Keep | string | undefined {
  const rules = {
    last: set.keep_last,
    hourly: set.keep_hourly,
    daily: set.keep_daily,
    weekly: set.keep_weekly,
    monthly: set.keep_monthly,
    yearly: set.keep_yearly,
    within: set.keep_within,
  };
  const said = Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
  if (Object.keys(said).length === 0) return undefined;
  const parsed = keepSchema.safeParse(said);
  return parsed.success ? parsed.data : (parsed.error.issues[0]?.message ?? "a retention");
}
