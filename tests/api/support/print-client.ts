import type { JsonSchema, OpenApi, Operation, Parameter, PathItem, ResponseObject } from "../../../src/api/openapi.ts";

/**
 * The types of the client, in the form that openapi-fetch reads (https://openapi-ts.dev/openapi-fetch). openapi-typescript
 * prints the same, but needs the compiler API, which TypeScript 7 does not have.
 */
export function printClientTypes({ paths, components }: OpenApi): string {
  return [
    "// Made from the OpenAPI document; a test fails when it differs: `npx vitest run --project integration tests/api -u`.",
    "",
    "/* oxlint-disable */",
    "",
    "export interface paths {",
    ...Object.entries(paths).map(([path, item]) => `${key(path)}: ${pathItem(item)};`),
    "}",
    "",
    "export interface components {",
    "schemas: {",
    ...Object.entries(components.schemas).map(([name, schema]) => `${comment(schema)}${key(name)}: ${typeOf(schema)};`),
    "};",
    "}",
    "",
  ].join("\n");
}

/** A component's type by its name: `Schemas["Snapshot"]`. */
const component = (name: string): string => `components["schemas"][${JSON.stringify(name)}]`;

function pathItem(item: PathItem): string {
  const methods = Object.entries(item).map(([method, operation]) => `${method}: ${operationType(operation)};`);
  return `{ parameters: { query?: never; path?: never }; ${methods.join("\n")} }`;
}

function operationType({ summary, parameters = [], requestBody, responses }: Operation): string {
  const body =
    requestBody === undefined
      ? "requestBody?: never"
      : `requestBody${requestBody.required ? "" : "?"}: { content: { "application/json": ${typeOf(requestBody.content["application/json"].schema)} } }`;
  const answers = Object.entries(responses).map(([status, response]) => `${key(status)}: ${responseType(response)};`);
  return `/* ${summary} */ {
    parameters: { ${group("path", parameters)}; ${group("query", parameters)} };
    ${body};
    responses: { ${answers.join("\n")} };
  }`;
}

function group(where: Parameter["in"], all: readonly Parameter[]): string {
  const those = all.filter((one) => one.in === where);
  if (those.length === 0) return `${where}?: never`;
  const fields = those.map(
    ({ name, required, schema, description }) =>
      `${comment({ ...(description === undefined ? {} : { description }) })}${key(name)}${required ? "" : "?"}: ${typeOf(schema)};`,
  );
  return `${where}${those.some(({ required }) => required) ? "" : "?"}: { ${fields.join("\n")} }`;
}

function responseType({ content }: ResponseObject): string {
  if (content === undefined) return "{ content?: never }";
  const medias = Object.entries(content).map(([media, { schema }]) => `${key(media)}: ${typeOf(schema)};`);
  return `{ content: { ${medias.join("\n")} } }`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return component(schema.$ref.replace("#/components/schemas/", ""));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map(typeOf));
  if (schema.allOf !== undefined) return schema.allOf.map((one) => `(${typeOf(one)})`).join(" & ");
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return arrayType(schema);
    case "object":
      return objectType(schema);
    default:
      return "unknown";
  }
}

function arrayType({ items, prefixItems }: JsonSchema): string {
  if (prefixItems === undefined) return `(${items ? typeOf(items) : "unknown"})[]`;
  const rest = items ? `, ...(${typeOf(items)})[]` : "";
  return `[${prefixItems.map(typeOf).join(", ")}${rest}]`;
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${comment(schema)}${key(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema)};`,
  );
  if (fields.length > 0) return `{ ${fields.join("\n")} }`;
  if (typeof additionalProperties === "object") return `{ [name: string]: ${typeOf(additionalProperties)} }`;
  return additionalProperties === false ? "Record<string, never>" : "{ [name: string]: unknown }";
}

function union(types: readonly string[]): string {
  return [...new Set(types)].map((type) => `(${type})`).join(" | ");
}

function key(name: string): string {
  return /^\d+$/.test(name) ? name : JSON.stringify(name);
}

function comment({ description }: JsonSchema): string {
  return description === undefined ? "" : `/** ${description.replaceAll("*/", "* /").replaceAll("\n", " ")} */ `;
}
