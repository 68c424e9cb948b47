import type { core } from "zod";
import type { Problem } from "../../base/errors/error.ts";
import type { Declared } from "../../domain/declaration.ts";
import { declareApp, declareDestination, declareNotifier, declarePolicy, type EntryContext } from "./declarations.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { ConfigSchema } from "./schema.ts";

/** Sections of a holdfast.yaml that hold entries by name. */
export const sections = ["destinations", "policies", "apps", "notifications"] as const;
export type Section = (typeof sections)[number];
export const kindOf = {
  destinations: "destination",
  policies: "policy",
  apps: "app",
  notifications: "notification",
} as const;

export type WholeDeclared = Declared &
  Required<Pick<Declared, "references" | "leftOut" | "notifications" | "settings">>;

export function nothing(): WholeDeclared {
  return {
    apps: [],
    policies: [],
    destinations: [],
    notifications: [],
    problems: [],
    references: [],
    leftOut: [],
    settings: {},
  };
}

/** The part of the JSON Schema that describes one entry of a section. */
export function entrySchema(schema: JsonSchema, section: Section): JsonSchema {
  const entry = schema.properties?.[section]?.additionalProperties;
  return typeof entry === "object" ? entry : {};
}

type Added = (declared: WholeDeclared) => void;
export type Interpreted = { issues: core.$ZodIssue[] } | { problems: Problem[]; add: Added };

/** What an entry means, by the section that it stands in. */
export const interpret: Record<Section, (raw: unknown, schema: ConfigSchema, context: EntryContext) => Interpreted> = {
  apps: (raw, schema, context) => {
    const parsed = schema.app.safeParse(raw);
    if (!parsed.success) return parsed.error;
    const { app, references, problems } = declareApp(parsed.data, context);
    return { problems, add: (declared) => void (declared.apps.push(app), declared.references.push(...references)) };
  },
  policies: (raw, schema, context) => {
    const parsed = schema.policy.safeParse(raw);
    if (!parsed.success) return parsed.error;
    const { policy, references } = declarePolicy(parsed.data, context);
    const add: Added = (declared) => void (declared.policies.push(policy), declared.references.push(...references));
    return { problems: [], add };
  },
  destinations: (raw, schema, context) => {
    const parsed = schema.destination.safeParse(raw);
    if (!parsed.success) return parsed.error;
    const destination = declareDestination(parsed.data, context);
    return { problems: [], add: (declared) => void declared.destinations.push(destination) };
  },
  notifications: (raw, schema, context) => {
    const parsed = schema.notification.safeParse(raw);
    if (!parsed.success) return parsed.error;
    const notifier = declareNotifier(parsed.data, context);
    return { problems: [], add: (declared) => void declared.notifications.push(notifier) };
  },
};
