import { html, prose, type Html, type Part } from "../html.ts";
import type { JsonSchema } from "../openapi.ts";

const componentPrefix = "#/components/schemas/";

/** The name of the component that a schema refers to. */
export function refName(schema: JsonSchema): string | undefined {
  return schema.$ref?.replace(componentPrefix, "");
}

/** What a schema is, in a line: `string`, `list of Snapshot`, `"a" or "b"`. */
export function typeOf(schema: JsonSchema): Part {
  const name = refName(schema);
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.flatMap((one, index): Part[] => [index === 0 ? "" : " or ", typeOf(one)]);
  if (schema.type === "array") return schema.items ? ["list of ", typeOf(schema.items)] : "list";
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return ["object of ", typeOf(schema.additionalProperties), " by name"];
  }
  if (Array.isArray(schema.type)) {
    return schema.type.flatMap((type, index): Part[] => [index === 0 ? "" : " or ", typeOf({ ...schema, type })]);
  }
  const limits = [
    schema.format,
    bound("at least", schema.minimum ?? schema.minLength),
    bound("at most", schema.maximum ?? schema.maxLength),
  ].filter((limit) => limit !== undefined);
  return [schema.type ?? "anything", limits.length === 0 ? "" : ` (${limits.join(", ")})`];
}

function bound(word: string, value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${word} ${value}`;
}

/** The fields of an object, and those within them. */
export function fields(schema: JsonSchema): Html | undefined {
  const choices = (schema.anyOf ?? schema.oneOf ?? []).map(fields).filter((one) => one !== undefined);
  if (choices.length > 0)
    return html`${choices.map((one, index) => [index === 0 ? "" : html`<p class="quiet">or</p>`, one])}`;
  if (schema.type === "array" && schema.items) return fields(schema.items);
  if (typeof schema.additionalProperties === "object") return fields(schema.additionalProperties);
  const entries = Object.entries(schema.properties ?? {});
  if (entries.length === 0) return undefined;
  return html`<ul class="fields">
    ${entries.map(([name, one]) => field(name, one, schema.required?.includes(name) === true))}
  </ul>`;
}

/** One field or parameter: its name, what it is, what it means. */
export function field(name: string, schema: JsonSchema, required: boolean, description = schema.description): Html {
  const fallback = schema.default === undefined ? "" : `, default ${JSON.stringify(schema.default)}`;
  return html`<li>
    <code>${name}</code> <span class="type">${typeOf(schema)}${fallback}</span>${
      required ? html` <span class="must">required</span>` : ""
    }${description === undefined ? "" : prose(description)}${schema.$ref === undefined ? fields(schema) : undefined}
  </li>`;
}
