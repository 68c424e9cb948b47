import { z } from "zod";
import type { KindEntrySchema } from "./kind-entry.ts";

/** JSON Schema as data. */
export interface JsonSchema {
  [key: string]: unknown;
  title?: string;
  description?: string;
  type?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema | JsonSchema[];
  additionalItems?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
}

type Parts = KindEntrySchema<unknown>["parts"];

/** The JSON Schema (draft 7, which editors know best) of what a person may write. */
export function jsonSchemaOf(schema: z.ZodType, entries: readonly Parts[] = []): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const parts = entries.find(({ outer }) => Object.is(outer, zodSchema));
      if (parts !== undefined) replace(jsonSchema, entryJsonSchema(parts));
    },
  });
  tidy(made);
  return made as JsonSchema;
}

/** Takes out what zod says to itself and an editor would stumble over. */
function tidy(schema: object): void {
  for (const [key, value] of Object.entries(schema)) {
    // A union's empty member stands for values made by us, which nobody writes; left in, it would allow anything.
    if (key === "anyOf" && Array.isArray(value)) {
      const written = value.filter((member) => Object.keys(member).length > 0);
      Reflect.set(schema, key, written);
    }
    // The pattern beside it says the same in the language of JSON Schema.
    if (key === "format" && value === "starts_with") Reflect.deleteProperty(schema, key);
    if (typeof value === "object" && value !== null) tidy(value);
  }
}

function replace(target: object, by: JsonSchema): void {
  for (const key of Object.keys(target)) Reflect.deleteProperty(target, key);
  Object.assign(target, by);
}

/** One branch per type: an editor picks the one whose `type` fits and shows that type's keys and errors. */
function entryJsonSchema({ common, kinds, variant }: Parts): JsonSchema {
  const shared = jsonSchemaOf(common);
  return { anyOf: kinds.map(({ type, spec }) => joined(type, shared, jsonSchemaOf(spec), variant)) };
}

function joined(type: string, shared: JsonSchema, own: JsonSchema, variant: string | undefined): JsonSchema {
  const forms = own.anyOf ?? own.oneOf;
  if (forms !== undefined) return { anyOf: forms.map((form) => joined(type, shared, form, variant)) };
  const { title, description } = own;
  const other =
    variant === undefined
      ? {}
      : {
          [variant]: {
            ...shared.properties?.[variant],
            type: "object",
            properties: own.properties ?? {},
            additionalProperties: false,
          },
        };
  return {
    ...titled({ title, description }),
    type: "object",
    properties: { type: { const: type, description: "The kind." }, ...own.properties, ...shared.properties, ...other },
    required: ["type", ...(own.required ?? [])],
    additionalProperties: false,
  };
}

function titled({ title, description }: { title?: string | undefined; description?: string | undefined }): JsonSchema {
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

/** The schemas that may hold for the value at `path`, following what was chosen by `type` along the way. */
export function schemasAt(schema: JsonSchema, value: unknown, path: readonly PropertyKey[]): JsonSchema[] {
  const here = alternatives(schema, value);
  const [key, ...rest] = path;
  if (key === undefined) return here;
  const below = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return here.flatMap((one) => childrenAt(one, key)).flatMap((child) => schemasAt(child, below, rest));
}

function alternatives(schema: JsonSchema, value: unknown): JsonSchema[] {
  const several = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (several.length === 0) return [schema];
  const type = typeof value === "object" && value !== null ? Reflect.get(value, "type") : undefined;
  const chosen = several.filter(({ properties }) => type !== undefined && properties?.["type"]?.const === type);
  return (chosen.length > 0 ? chosen : several).flatMap((member) =>
    alternatives({ ...titled(schema), ...member }, value),
  );
}

function childrenAt(schema: JsonSchema, key: PropertyKey): JsonSchema[] {
  if (typeof key === "number") {
    const item = Array.isArray(schema.items) ? (schema.items[key] ?? schema.additionalItems) : schema.items;
    return typeof item === "object" && !Array.isArray(item) ? [item] : [];
  }
  const child = schema.properties?.[String(key)] ?? schema.additionalProperties;
  return typeof child === "object" ? [child] : [];
}
