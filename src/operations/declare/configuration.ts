import { failure } from "../../base/errors/error.ts";
import type { App, SystemType } from "../../domain/app.ts";
import type { ConfigurableField } from "../../domain/configuration.ts";
import type { Inventory } from "../../domain/declaration.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { changed, type Body, type Fields } from "./body.ts";
import { changing, type Change, type Draft } from "./draft.ts";
import { checkSources } from "./source-path.ts";

/** The fields of a configuration, by what of an app they set; `include_paths` takes nothing from it and is always open. */
const fieldsOf: Readonly<Record<ConfigurableField, readonly string[]>> = {
  policy: ["policy"],
  exclude: ["exclude_paths"],
  scope: ["backup_volumes", "backup_compose", "backup_env"],
  enabled: ["enabled"],
};

/** Fields of an app's configuration that its source declares, as the API calls them. */
export function fixedFieldNames(fixed: readonly ConfigurableField[]): string[] {
  return fixed.flatMap((field) => fieldsOf[field]).map((field) => (field === "policy" ? "policy_id" : field));
}

/** The app that is Holdfast's own state or configuration. Throws HF_UNKNOWN_NAME. */
export function systemApp({ declared }: Pick<Holdfast, "declared">, type: SystemType): App {
  const found = [...declared.apps, ...(declared.onRequest ?? [])].find((app) => app.system === type);
  if (found !== undefined) return found;
  const suggestion = "There is nothing to back up: no configuration file was read.";
  throw failure("HF_UNKNOWN_NAME", { kind: "system backup", name: type, suggestion });
}

/** Sets the configuration of an app that has none but the usual. Throws HF_NAME_TAKEN, HF_DECLARED_ELSEWHERE, HF_CONFIG_*, HF_SOURCE_REFUSED. */
export async function setConfiguration(holdfast: Holdfast, app: App, fields: Fields, change: Change): Promise<void> {
  await checkSources(holdfast, fields);
  await changing(holdfast, change, async (draft) => {
    if (draft.body("configuration", app.name) !== undefined) {
      throw failure("HF_NAME_TAKEN", { kind: "configuration", name: app.name });
    }
    await draft.put("configuration", app.name, open(draft, app, fields));
  });
}

/** Changes what is given; null takes a field back to the usual. Throws HF_DECLARED_ELSEWHERE, HF_CONFIG_*, HF_SOURCE_REFUSED. */
export async function changeConfiguration(holdfast: Holdfast, app: App, fields: Fields, change: Change): Promise<void> {
  await checkSources(holdfast, fields);
  await changing(holdfast, change, async (draft) => {
    await putConfiguration(draft, app, fields);
  });
}

/** The same within another change. */
export async function putConfiguration(draft: Draft, app: App, fields: Fields): Promise<void> {
  const before = draft.body("configuration", app.name) ?? {};
  const next = changed(before, open(draft, app, fields));
  if (Object.keys(next).length === 0) await draft.remove("configuration", app.name);
  else await draft.put("configuration", app.name, next);
}

/** Takes an app's configuration back to what its source and the defaults say. */
export async function resetConfiguration(holdfast: Holdfast, app: App, change: Change): Promise<void> {
  await changing(holdfast, change, async (draft) => await draft.remove("configuration", app.name));
}

/**
 * The fields that are to be kept: one that the app's source declares may be named only with the value that it has, and is not
 * kept then. Throws HF_DECLARED_ELSEWHERE.
 */
function open({ inventory }: Pick<Draft, "inventory">, app: App, fields: Fields): Body {
  const { fixed } = configurationOf(inventory, app);
  const closed = new Set(fixed.flatMap((field) => fieldsOf[field]));
  const kept = Object.entries(fields).filter(([key, value]) => {
    if (value === undefined || !closed.has(key)) return value !== undefined;
    if (value === null || same(value, valueOf(app, key))) return false;
    const name = key === "policy" ? "policy_id" : key;
    throw failure("HF_DECLARED_ELSEWHERE", { what: `${name} of ${app.name}`, origin: app.origin });
  });
  return Object.fromEntries(kept);
}

function configurationOf({ configurations }: Inventory, app: App): Inventory["configurations"][number] {
  return configurations.find((one) => one.app === app.name) ?? { app: app.name, fixed: [] };
}

function valueOf(app: App, field: string): unknown {
  const values: Record<string, unknown> = {
    policy: app.policy,
    exclude_paths: app.exclude,
    backup_volumes: app.scope.volumes,
    backup_compose: app.scope.compose,
    backup_env: app.scope.env,
    enabled: app.enabled,
  };
  return values[field];
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
