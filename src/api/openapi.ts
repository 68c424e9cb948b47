import { z, type ZodType } from "zod";
import { problemSchema, problemType } from "./problems.ts";
import type { AnswerBody, Method, Route, Scope } from "./route.ts";

/** As much of JSON Schema as zod writes. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  title?: string;
  format?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema | false;
  prefixItems?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $defs?: Record<string, JsonSchema>;
}

export interface Parameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

export interface ResponseObject {
  description: string;
  content?: Record<string, { schema: JsonSchema }>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  /** What a caller must be allowed to. */
  "x-scope": "open" | Scope;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: { "application/json": { schema: JsonSchema } } };
  responses: Record<string, ResponseObject>;
}

export type PathItem = Partial<Record<Lowercase<Method>, Operation>>;

export interface OpenApi {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  tags: { name: string }[];
  paths: Record<string, PathItem>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, unknown> };
}

const description = `Everything that \`holdfast\` does from the command line.

Programs send a token (\`Authorization: Bearer hf_…\`), people sign in and have a session cookie. What goes wrong is told as
a problem (RFC 9457, \`application/problem+json\`) with a code that [the list of errors](/errors) explains. Unknown fields are
refused. Times are UTC, ISO 8601.`;

/** The OpenAPI 3.1 document, made from the schemas that the requests are checked with. */
export function openApiOf(routes: readonly Route[]): OpenApi {
  const { schemaOf, schemas } = schemasOf(routes);
  const paths: Record<string, PathItem> = {};
  for (const one of routes) {
    const path = one.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[lower(one.method)] = operationOf(one, schemaOf);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Holdfast",
      version: "1",
      description,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token." },
        session: { type: "apiKey", in: "cookie", name: "holdfast_session", description: "What signing in gives." },
      },
    },
  };
}

type SchemaOf = (schema: ZodType) => JsonSchema;

function operationOf(one: Route, schemaOf: SchemaOf): Operation {
  const parameters = [...parametersOf(one, "path", schemaOf), ...parametersOf(one, "query", schemaOf)];
  const responses: Record<string, ResponseObject> = {};
  for (const [status, body] of Object.entries(one.answers)) responses[status] = responseOf(body, schemaOf);
  responses["default"] = {
    description: "What went wrong.",
    content: { [problemType]: { schema: schemaOf(problemSchema) } },
  };
  return {
    operationId: operationId(one),
    tags: [one.tag],
    summary: one.summary,
    ...(one.description === undefined ? {} : { description: one.description }),
    security: one.access === "open" ? [] : [{ token: [] }, { session: [] }],
    "x-scope": one.access,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(one.body === undefined
      ? {}
      : {
          requestBody: {
            required: !["optional", "default", "prefault"].includes(one.body.def.type),
            content: { "application/json": { schema: schemaOf(one.body) } },
          },
        }),
    responses,
  };
}

function parametersOf(one: Route, where: "path" | "query", schemaOf: SchemaOf): Parameter[] {
  const described = where === "path" ? one.params : one.query;
  if (described === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(described);
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function responseOf(body: AnswerBody, schemaOf: SchemaOf): ResponseObject {
  if (body === "nothing") return { description: "Done." };
  if ("media" in body) {
    const [media = ""] = body.media.split(";");
    return { description: "The bytes.", content: { [media]: { schema: { type: "string" } } } };
  }
  return { description: "The answer.", content: { "application/json": { schema: schemaOf(body) } } };
}

/** `GET /api/v1/backup/snapshots/:id/files` is `getBackupSnapshotsByIdFiles`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replace(/^\/api\/v1\//, "")
    .split(/[/._-]/)
    .filter((word) => word !== "")
    .map((word) => (word.startsWith(":") ? `By-${word.slice(1)}` : word))
    .flatMap((word) => word.split(/[_-]/));
  return lower(method) + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/**
 * All schemas as JSON Schema, those with an id of their own once, as components. Bodies, parameters: what is to be sent;
 * answers: what comes. Where the two differ under one id, what is to be sent is called `…Input`.
 */
function schemasOf(routes: readonly Route[]): { schemaOf: SchemaOf; schemas: Record<string, JsonSchema> } {
  const isSchema = (body: unknown): body is ZodType => typeof body === "object" && body !== null && "parse" in body;
  const answers = routes.flatMap((one) => Object.values(one.answers)).filter(isSchema);
  const inputs = routes.flatMap((one) => [one.params, one.query, one.body]).filter(isSchema);
  const sent = jsonSchemas([...answers, problemSchema], "output");
  const taken = jsonSchemas(inputs, "input");
  const names = new Map(
    Object.entries(taken.defs).map(([name, schema]) => {
      const same = sent.defs[name] === undefined || JSON.stringify(sent.defs[name]) === JSON.stringify(schema);
      return [name, same ? name : `${name}Input`];
    }),
  );
  const known = new Map<ZodType, JsonSchema>();
  for (const [schema, json] of sent.roots)
    known.set(
      schema,
      pointed(json, (name) => name),
    );
  for (const [schema, json] of taken.roots)
    known.set(
      schema,
      pointed(json, (name) => names.get(name) ?? name),
    );
  const schemas = Object.fromEntries([
    ...Object.entries(sent.defs).map(([name, json]) => [name, pointed(json, (one) => one)] as const),
    ...Object.entries(taken.defs).map(
      ([name, json]) => [names.get(name) ?? name, pointed(json, (one) => names.get(one) ?? one)] as const,
    ),
  ]);
  return {
    schemas: Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1))),
    schemaOf(schema) {
      const json = known.get(schema);
      if (json === undefined) throw new Error("a schema that is of no route");
      return json;
    },
  };
}

/** In one go, so that what has an id is found to be the same; as fields of one object, so that a root with an id is too. */
function jsonSchemas(all: readonly ZodType[], io: "input" | "output") {
  const unique = [...new Set(all)];
  const whole = z.toJSONSchema(z.object(Object.fromEntries(unique.map((schema, index) => [`s${index}`, schema]))), {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => tidy(jsonSchema),
  }) as JsonSchema;
  const roots = unique.map((schema, index) => [schema, whole.properties?.[`s${index}`] ?? {}] as const);
  return { roots, defs: whole.$defs ?? {} };
}

/** Leaves out what only machines say: the borders of safe integers, and patterns that repeat a format. */
function tidy(schema: { minimum?: number; maximum?: number; pattern?: string; format?: string; id?: string }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.format !== undefined) delete schema.pattern;
  delete schema.id;
}

/** The schema with its references pointing at the components. */
function pointed(schema: JsonSchema, rename: (name: string) => string): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === "$ref" && typeof value === "string"
      ? `#/components/schemas/${rename(value.replace("#/$defs/", ""))}`
      : value,
  ) as JsonSchema;
}

function lower(method: Method): Lowercase<Method> {
  return method.toLowerCase() as Lowercase<Method>;
}
