import { z } from "zod";
import type { App } from "../../domain/app.ts";
import { pathSchema } from "../../domain/atoms/path.ts";
import { patternSchema } from "../../domain/atoms/pattern.ts";
import { configurableFields, type Configuration } from "../../domain/configuration.ts";
import { idOf } from "../../domain/ids.ts";
import { fixedFieldNames } from "../../operations/declare/configuration.ts";
import type { DeclarationTimes } from "../../state/queries/declarations.ts";
import { time } from "../shapes.ts";
import { written } from "./declared.ts";

const taken = (what: string) => z.boolean().meta({ description: `Whether ${what} are taken. Default true.` });

const settable = {
  policy_id: z.uuid(),
  backup_volumes: taken("files other than Compose and env files"),
  backup_compose: taken("Compose files"),
  backup_env: taken("env files"),
  include_paths: z
    .array(written(pathSchema, 4096))
    .max(200)
    .meta({ description: "Absolute paths that are taken besides the app's own." }),
  exclude_paths: z
    .array(written(patternSchema, 4096))
    .max(500)
    .meta({ description: "restic's exclude patterns: what they match is left out besides what the app leaves out." }),
  enabled: z.boolean().meta({ description: "Whether the schedule backs it up. Default true." }),
};

const optional = {
  policy_id: settable.policy_id.optional(),
  backup_volumes: settable.backup_volumes.optional(),
  backup_compose: settable.backup_compose.optional(),
  backup_env: settable.backup_env.optional(),
  include_paths: settable.include_paths.optional(),
  exclude_paths: settable.exclude_paths.optional(),
  enabled: settable.enabled.optional(),
};

export const newConfigurationSchema = z
  .strictObject({
    app_id: z.uuid().optional(),
    is_system_backup: z.boolean().optional().meta({ description: "Of Holdfast itself, in place of an app." }),
    system_type: z.enum(["database", "platform_config"]).optional(),
    ...optional,
  })
  .refine((body) => (body.is_system_backup === true) === (body.app_id === undefined), {
    message: "an app's id, or is_system_backup: true",
    path: ["app_id"],
  })
  .refine((body) => (body.is_system_backup === true) === (body.system_type !== undefined), {
    message: "which part of Holdfast: database or platform_config",
    path: ["system_type"],
  })
  .meta({
    id: "NewConfiguration",
    examples: [
      {
        app_id: "0f0b7b1e-94a1-5d0c-8a59-6f6f0f3f1f55",
        policy_id: "6d4f2a0e-6a0c-5e1b-9a51-0f9a4f2f7c10",
        backup_volumes: true,
        backup_compose: true,
        backup_env: false,
      },
      { is_system_backup: true, system_type: "database", policy_id: "6d4f2a0e-6a0c-5e1b-9a51-0f9a4f2f7c10" },
    ],
  });

export const configurationChangesSchema = z
  .strictObject({
    policy_id: optional.policy_id.nullable(),
    backup_volumes: optional.backup_volumes.nullable(),
    backup_compose: optional.backup_compose.nullable(),
    backup_env: optional.backup_env.nullable(),
    include_paths: optional.include_paths.nullable(),
    exclude_paths: optional.exclude_paths.nullable(),
    enabled: optional.enabled.nullable(),
  })
  .meta({ id: "ConfigurationChanges", description: "What is left out stays; null takes a field back to the usual." });

type Changes = z.output<typeof configurationChangesSchema>;

/** The fields as they are kept. */
export function configurationFields(body: Changes, policy: string | null | undefined): Record<string, unknown> {
  return {
    policy,
    backup_volumes: body.backup_volumes,
    backup_compose: body.backup_compose,
    backup_env: body.backup_env,
    include_paths: body.include_paths,
    exclude_paths: body.exclude_paths,
    enabled: body.enabled,
  };
}

export const configurationSchema = z
  .object({
    id: z.uuid(),
    app_id: z.uuid(),
    app: z.string(),
    is_system_backup: z.boolean(),
    system_type: z.enum(["database", "platform_config"]).nullable(),
    policy_id: z.uuid(),
    policy: z.string(),
    backup_volumes: z.boolean(),
    backup_compose: z.boolean(),
    backup_env: z.boolean(),
    include_paths: z.array(z.string()),
    exclude_paths: z.array(z.string()),
    enabled: z.boolean(),
    read_only: z.boolean().meta({ description: "The app's source declares every field but include_paths." }),
    read_only_fields: z.array(z.string()).meta({ description: "Fields that can only be changed in `declared_in`." }),
    declared_in: z.string().meta({ description: "Where the app is declared." }),
    created_at: time.nullable().meta({ description: "Null as long as nothing was set through the API." }),
    updated_at: time.nullable(),
  })
  .meta({ id: "Configuration" });

export function configurationView(
  app: App,
  { fixed, set }: Configuration,
  times: DeclarationTimes | undefined,
): z.output<typeof configurationSchema> {
  return {
    id: idOf("configuration", app.name),
    app_id: idOf("app", app.name),
    app: app.name,
    is_system_backup: app.system !== undefined,
    system_type: app.system ?? null,
    policy_id: idOf("policy", app.policy),
    policy: app.policy,
    backup_volumes: app.scope.volumes,
    backup_compose: app.scope.compose,
    backup_env: app.scope.env,
    include_paths: set?.includePaths ?? [],
    exclude_paths: fixed.includes("exclude") ? app.exclude : (set?.excludePaths ?? []),
    enabled: app.enabled,
    read_only: fixed.length === configurableFields.length,
    read_only_fields: fixedFieldNames(fixed),
    declared_in: app.origin,
    created_at: times?.created_at ?? null,
    updated_at: times?.updated_at ?? null,
  };
}
