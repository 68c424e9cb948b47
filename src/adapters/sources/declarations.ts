import { basename } from "node:path";
import { problem, type Problem } from "../../base/errors/error.ts";
import type { AppDeclaration, PolicyDeclaration, Reference } from "../../domain/declaration.ts";
import type { DatabaseDeclaration } from "../../domain/database.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { appName, destinationName, policyName } from "../../domain/names.ts";
import type { NotifierDeclaration } from "../../domain/notification.ts";
import type { AppEntry, DestinationEntry, NotificationEntry, PolicyEntry } from "./schema.ts";

/** What is known of an entry besides its content. */
export interface EntryContext {
  name: string;
  origin: string;
  /** This device's name. */
  device: string;
  /** Where a value of the entry stands. */
  place: (path: (string | number)[]) => string;
}

/** The app that an entry declares, the names it uses, and what only shows when the entry is seen whole. */
export function declareApp(
  entry: AppEntry,
  context: EntryContext,
): { app: AppDeclaration; references: Reference[]; problems: Problem[] } {
  const { databases, problems } = nameDatabases(entry.databases ?? [], context);
  if (entry.device !== undefined && entry.device !== context.device) problems.push(otherDevice(entry.device, context));
  const exclude = entry.exclude ?? [];
  const app: AppDeclaration = {
    name: appName(context.name),
    origin: context.origin,
    ...defined("device", entry.device),
    ...defined("paths", entry.paths),
    // restic takes a pattern that begins with ! as an exception to those before it.
    ...(entry.exclude || entry.include
      ? { exclude: [...exclude, ...(entry.include ?? []).map((kept) => `!${kept}`)] }
      : {}),
    ...(entry.databases === undefined ? {} : { databases }),
    ...(entry.hooks === undefined
      ? {}
      : { hooks: { before: entry.hooks.before ?? [], after: entry.hooks.after ?? [] } }),
    ...defined("tags", entry.tags),
    ...(entry.policy === undefined ? {} : { policy: policyName(entry.policy) }),
    ...defined("enabled", entry.enabled),
    ...scopeOf(entry),
  };
  const by = { kind: "app", name: context.name } as const;
  const references: Reference[] =
    entry.policy === undefined || entry.policy === "default"
      ? []
      : [{ place: context.place(["policy"]), by, to: { kind: "policy", name: entry.policy } }];
  return { app, references, problems };
}

function scopeOf(entry: AppEntry): Pick<AppDeclaration, "scope"> {
  const { backup_volumes: volumes, backup_compose: compose, backup_env: env } = entry;
  if (volumes === undefined && compose === undefined && env === undefined) return {};
  return { scope: { volumes: volumes ?? true, compose: compose ?? true, env: env ?? true } };
}

function otherDevice(device: string, context: EntryContext): Problem {
  const suggestion = `This version backs up the machine it runs on, ${context.device}; devices over SSH come later.`;
  return problem("HF_CONFIG_REFERENCE", { place: context.place(["device"]), kind: "device", name: device, suggestion });
}

/** Gives each database a name: its own, else the database's, else the file's, else its type. */
function nameDatabases(
  entries: NonNullable<AppEntry["databases"]>,
  context: EntryContext,
): { databases: DatabaseDeclaration[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const databases = entries.map(({ type, common, raw, spec }) => ({
    name: common.name ?? usualName(raw, type),
    type,
    spec,
  }));
  for (const [index, { name }] of databases.entries()) {
    if (databases.findIndex((other) => other.name === name) === index) continue;
    const place = context.place(["databases", index]);
    const suggestion = "Give one of them a `name:`; it names the dump's files.";
    problems.push(
      problem("HF_CONFIG_INVALID", {
        place,
        expected: "a name of its own",
        found: `a second database named ${name}`,
        suggestion,
      }),
    );
  }
  return { databases, problems };
}

function usualName(raw: Record<string, unknown>, type: string): string {
  const text = (key: string): string | undefined => (typeof raw[key] === "string" ? raw[key] : undefined);
  const path = text("path") ?? text("file");
  const name = text("database") ?? (path === undefined ? type : basename(path));
  const clean = name
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63);
  return clean === "" ? type : clean;
}

/** The policy that an entry declares and the destinations it names. */
export function declarePolicy(
  entry: PolicyEntry,
  context: EntryContext,
): { policy: PolicyDeclaration; references: Reference[] } {
  const policy: PolicyDeclaration = {
    name: policyName(context.name),
    origin: context.origin,
    ...defined("description", entry.description),
    ...defined("enabled", entry.enabled),
    ...defined("schedule", entry.schedule),
    ...defined("timezone", entry.timezone),
    ...defined("blackout", entry.blackout),
    ...defined("expectedAgeMs", entry.expected_age),
    ...defined("jitterMs", entry.jitter),
    ...defined("keep", entry.keep),
    ...(entry.destinations === undefined
      ? {}
      : { destinations: [...new Set(entry.destinations)].map(destinationName) }),
    ...defined("skipUnchanged", entry.skip_unchanged),
  };
  const by = { kind: "policy", name: context.name } as const;
  const references = (entry.destinations ?? []).map((name, index): Reference => {
    return { place: context.place(["destinations", index]), by, to: { kind: "destination", name } };
  });
  return { policy, references };
}

/** The destination that an entry declares. */
export function declareDestination(
  { type, common, spec, variant }: DestinationEntry,
  context: EntryContext,
): DestinationDeclaration {
  return {
    name: destinationName(context.name),
    type,
    spec,
    enabled: common.enabled ?? true,
    appendOnly: common.append_only ?? false,
    origin: context.origin,
    ...defined("maintenance", variant),
    ...defined("password", common.password),
    ...defined("atOnce", common.at_once),
    ...defined("lockWaitMs", common.lock_wait),
    ...defined("uploadKibPerSecond", common.upload_limit),
    ...defined("downloadKibPerSecond", common.download_limit),
  };
}

/** The notifier that an entry declares. */
export function declareNotifier(
  { type, common, spec }: NotificationEntry,
  context: Pick<EntryContext, "name" | "origin">,
): NotifierDeclaration {
  return {
    name: context.name,
    type,
    spec,
    enabled: common.enabled ?? true,
    origin: context.origin,
    ...defined("on", common.on),
    ...defined("apps", common.apps),
  };
}

/** An object with that field, or none at all: absent and undefined are not the same to the merge. */
function defined<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<Key, Value>>);
}
