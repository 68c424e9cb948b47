import type { App, Scope } from "./app.ts";
import { apiOrigin, builtInOrigin } from "./origin.ts";
import type { AppName, PolicyName } from "./names.ts";

/** What the API sets for one app, whoever declares that app: it fills what the app's own declaration leaves open. */
export interface ConfigurationDeclaration {
  app: AppName;
  policy?: PolicyName;
  /** Taken besides the app's own paths. */
  includePaths?: string[];
  /** Patterns that are left out besides the app's own. */
  excludePaths?: string[];
  scope?: Partial<Scope>;
  enabled?: boolean;
}

/** What a configuration may set, unless the app's own source has. `includePaths` takes nothing from it and is always open. */
export const configurableFields = ["policy", "exclude", "scope", "enabled"] as const;
export type ConfigurableField = (typeof configurableFields)[number];

/** The binding of one app to its policy and scope; every app has one. The values in force are the app's own. */
export interface Configuration {
  app: AppName;
  /** What the app's source declares, so that it can only be changed there. */
  fixed: ConfigurableField[];
  /** Absent as long as the API has set nothing. */
  set?: ConfigurationDeclaration;
}

/** Fields that a file or the environment declares. What the API or Holdfast itself declares stays open. */
export function fixedFields(declared: { origin: string } & Partial<App>): ConfigurableField[] {
  if (declared.origin === apiOrigin || declared.origin === builtInOrigin) return [];
  return configurableFields.filter((field) => declared[field] !== undefined);
}

/** The app with what its configuration sets, where that is open. */
export function configured(app: App, { fixed, set }: Configuration): App {
  if (set === undefined) return app;
  const open = (field: ConfigurableField): boolean => !fixed.includes(field);
  return {
    ...app,
    paths: [...new Set([...app.paths, ...(set.includePaths ?? [])])],
    ...(open("exclude") ? { exclude: [...app.exclude, ...(set.excludePaths ?? [])] } : {}),
    ...(open("policy") && set.policy !== undefined ? { policy: set.policy } : {}),
    ...(open("scope") ? { scope: { ...app.scope, ...set.scope } } : {}),
    ...(open("enabled") && set.enabled !== undefined ? { enabled: set.enabled } : {}),
  };
}
