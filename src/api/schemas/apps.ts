import { z } from "zod";
import { Secret } from "../../base/secrets/secret.ts";
import type { App } from "../../domain/app.ts";
import { nameSchema } from "../../domain/atoms/name.ts";
import { pathSchema } from "../../domain/atoms/path.ts";
import { patternSchema } from "../../domain/atoms/pattern.ts";
import { idOf } from "../../domain/ids.ts";
import type { AppStanding } from "../../operations/status/apps.ts";
import type { DeclarationTimes } from "../../state/queries/declarations.ts";
import { time } from "../shapes.ts";
import { declaredFields, declaredView, written } from "./declared.ts";
import { troubleOf, troubleSchema } from "./problems.ts";

/** Fields of a database that name a program or a user of this machine: whoever may use the API may not run commands. */
const onlyInFiles = ["client", "run_as", "ca_file"];

/** The kinds' own schemas check the rest when it is declared. Secrets are plain here and kept sealed. */
const databaseSchema = z
  .object({
    type: z
      .string()
      .max(50)
      .meta({ examples: ["postgres", "mariadb", "sqlite", "redis"] }),
    name: nameSchema
      .optional()
      .meta({ description: "Unique within the app. Default: the database's or the file's name." }),
    password: z.string().min(1).max(20_000).optional().meta({ description: "Kept sealed.", format: "password" }),
  })
  .catchall(z.union([z.string().max(4096), z.number(), z.boolean()]))
  .superRefine((database, context) => {
    for (const field of onlyInFiles.filter((name) => Object.hasOwn(database, name))) {
      context.addIssue({ code: "custom", path: [field], message: "only in holdfast.yaml: it names something to run" });
    }
  })
  .meta({ id: "NewDatabase", description: "Fields as in holdfast.yaml: host, port, database, username, path, …" });

const fields = {
  paths: z.array(written(pathSchema, 4096)).max(500).meta({ description: "Absolute paths of files and folders." }),
  exclude: z.array(written(patternSchema, 4096)).max(500).meta({ description: "restic's exclude patterns." }),
  databases: z.array(databaseSchema).max(100),
  tags: z.array(z.string().min(1).max(200)).max(50),
};
const policyId = z.uuid().meta({ description: "The same as its configuration's policy_id." });

export const newAppSchema = z
  .strictObject({
    name: nameSchema.meta({ description: "Becomes a tag and a folder's name. Cannot be changed later." }),
    paths: fields.paths.optional(),
    exclude: fields.exclude.optional(),
    databases: fields.databases.optional(),
    tags: fields.tags.optional(),
    policy_id: policyId.optional(),
  })
  .refine(({ paths, databases }) => (paths?.length ?? 0) + (databases?.length ?? 0) > 0, {
    message: "at least one path or database",
    path: ["paths"],
  })
  .meta({
    id: "NewApp",
    description: "Hooks are commands and come only from files.",
    examples: [
      {
        name: "immich",
        paths: ["/srv/immich"],
        exclude: ["**/cache/**"],
        databases: [{ type: "postgres", host: "127.0.0.1", database: "immich", username: "immich", password: "…" }],
      },
    ],
  });

export const appChangesSchema = z
  .strictObject({
    paths: fields.paths.nullable().optional(),
    exclude: fields.exclude.nullable().optional(),
    databases: fields.databases.nullable().optional().meta({
      description: "All of them, with their passwords: they take the place of what is there.",
    }),
    tags: fields.tags.nullable().optional(),
    policy_id: policyId.nullable().optional(),
  })
  .meta({ id: "AppChanges", description: "What is left out stays; null takes a field away." });

type Changes = z.output<typeof appChangesSchema>;

/** The fields as they stand in holdfast.yaml, each secret as one. */
export function appFields({ paths, exclude, databases, tags }: Changes): Record<string, unknown> {
  return {
    paths,
    exclude,
    databases:
      databases?.map(({ password, ...rest }) => ({
        ...rest,
        ...(password === undefined ? {} : { password: new Secret(password) }),
      })) ?? databases,
    tags,
  };
}

export const appSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    device_id: z.uuid(),
    device: z.string(),
    paths: z.array(z.string()),
    exclude: z.array(z.string()),
    databases: z.array(
      z
        .object({ name: z.string(), type: z.string() })
        .catchall(z.union([z.string(), z.number(), z.boolean()]))
        .meta({ description: "Without its secrets." }),
    ),
    tags: z.array(z.string()),
    has_hooks: z.boolean(),
    configuration_id: z.uuid(),
    policy_id: z.uuid(),
    policy: z.string(),
    enabled: z.boolean().meta({ description: "Whether the schedule backs it up." }),
    is_system_backup: z.boolean(),
    ...declaredFields,
    last_run: z
      .object({
        id: z.uuid(),
        status: z.enum(["success", "warning", "failed", "cancelled"]),
        started_at: time.nullable(),
        finished_at: time,
        problems: z.array(troubleSchema),
      })
      .nullable(),
    current_run: z
      .object({ id: z.uuid(), kind: z.string(), status: z.enum(["queued", "running"]), since: time })
      .nullable(),
    next_run_at: time.nullable().meta({ description: "Null: the schedule does not back it up." }),
    age: z
      .number()
      .nullable()
      .meta({ description: "Seconds since its stalest copy was good; null where one never was." }),
    late: z.boolean().meta({ description: "Some destination has no good snapshot within the expected time." }),
    destinations: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        snapshots: z.int(),
        last_good_at: time.nullable(),
        last_stored_at: time.nullable(),
      }),
    ),
  })
  .meta({ id: "App" });

/** Only plain values: references to secrets are objects. */
function plainFields(spec: unknown): Record<string, string | number | boolean> {
  if (typeof spec !== "object" || spec === null) return {};
  return Object.fromEntries(
    Object.entries(spec).flatMap(([key, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [[key, value]] : [],
    ),
  );
}

export function appView(standing: AppStanding, times: DeclarationTimes | undefined): z.input<typeof appSchema> {
  const { app, lastRun, currentRun } = standing;
  return {
    ...declarationOf(app),
    ...declaredView(app.origin, times),
    last_run:
      lastRun === undefined
        ? null
        : {
            id: lastRun.id,
            status: outcome.parse(lastRun.state),
            started_at: lastRun.startedAt ?? null,
            finished_at: lastRun.finishedAt,
            problems: lastRun.problems.map(troubleOf),
          },
    current_run:
      currentRun === undefined
        ? null
        : {
            id: currentRun.id,
            kind: currentRun.kind,
            status: currentRun.state === "queued" ? "queued" : "running",
            since: currentRun.since,
          },
    next_run_at: standing.nextRunAt ?? null,
    age: standing.ageMs === undefined ? null : Math.round(standing.ageMs / 1000),
    late: standing.late,
    destinations: standing.destinations.map(({ id, name, snapshots, lastGoodAt, lastStoredAt }) => ({
      id,
      name,
      snapshots,
      last_good_at: lastGoodAt ?? null,
      last_stored_at: lastStoredAt ?? null,
    })),
  };
}

const outcome = z.enum(["success", "warning", "failed", "cancelled"]);

function declarationOf(app: App) {
  return {
    id: idOf("app", app.name),
    name: app.name,
    device_id: idOf("device", app.device),
    device: app.device,
    paths: app.paths,
    exclude: app.exclude,
    databases: app.databases.map(({ name, type, spec }) => ({ ...plainFields(spec), name, type })),
    tags: app.tags,
    has_hooks: app.hooks.before.length + app.hooks.after.length > 0,
    configuration_id: idOf("configuration", app.name),
    policy_id: idOf("policy", app.policy),
    policy: app.policy,
    enabled: app.enabled,
    is_system_backup: app.system !== undefined,
  };
}
