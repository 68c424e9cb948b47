import type { JsonSchema } from "./json-schema.ts";

/** Shared forms, explained once at the end of the page. */
const forms: Readonly<Record<string, string>> = {
  Secret: "[secret](#forms)",
  Duration: "[duration](#forms)",
  Rate: "[rate](#forms)",
  Size: "[size](#forms)",
  Schedule: "[schedule](#forms)",
  Hook: "[hook](#forms)",
  Name: "name",
  Pattern: "pattern",
  Fields: "map of fields of this type",
};

/** The reference page of holdfast.yaml, in Markdown, from its JSON Schema. */
export function reference(schema: JsonSchema): string {
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) => {
    const entry = section.additionalProperties;
    const body = typeof entry === "object" ? entryTables(entry) : table(section);
    return `## ${name}\n\n${section.description ?? ""}\n\n${body}`;
  });
  return [
    "# Reference of holdfast.yaml",
    "<!-- Written from the schema by tests/config/schema.test.ts: change the schema, then run that test with -u. -->",
    "Every key is optional unless it says *required*. How to use them: [configuration.md](configuration.md).",
    ...sections,
    formsTable(),
    "",
  ].join("\n\n");
}

/** One table, or one per type when the entry says its kind by `type`. */
function entryTables(entry: JsonSchema): string {
  if (!isKinds(entry)) return [table(entry), ...nestedKinds(entry)].join("\n\n");
  return kindTables(entry, "###");
}

function isKinds(schema: JsonSchema): boolean {
  return (schema.anyOf ?? []).some(({ properties }) => properties?.["type"]?.const !== undefined);
}

function kindTables({ anyOf = [] }: JsonSchema, level: string): string {
  return anyOf
    .flatMap((kind) => (kind.anyOf === undefined ? [kind] : kind.anyOf))
    .map((kind) => {
      const type = kind.properties?.["type"]?.const;
      return [`${level} type: ${String(type)}`, kind.description ?? "", table(kind)]
        .filter((part) => part !== "")
        .join("\n\n");
    })
    .join("\n\n");
}

function nestedKinds(entry: JsonSchema): string[] {
  return Object.entries(entry.properties ?? {}).flatMap(([key, { items }]) =>
    items !== undefined && !Array.isArray(items) && isKinds(items)
      ? [`### ${key}\n\n${kindTables(items, "####")}`]
      : [],
  );
}

function table(schema: JsonSchema): string {
  const rows = rowsOf(schema, "").map((cells) => `| ${cells.map(cell).join(" | ")} |`);
  return ["| key | value | meaning |", "|---|---|---|", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function rowsOf(schema: JsonSchema, above: string): string[][] {
  return Object.entries(schema.properties ?? {})
    .filter(([, value]) => value.const === undefined)
    .flatMap(([key, value]) => {
      const name = `${above}${key}`;
      if (value.properties !== undefined && forms[value.title ?? ""] === undefined) return rowsOf(value, `${name}.`);
      const required = schema.required?.includes(key) === true ? "*Required.* " : "";
      const usual = value.default === undefined ? "" : ` Default \`${JSON.stringify(value.default)}\`.`;
      return [[`\`${name}\``, valueWords(value), `${required}${value.description ?? ""}${usual}`.trim()]];
    });
}

function valueWords(schema: JsonSchema): string {
  const form = forms[schema.title ?? ""];
  if (form !== undefined) return form;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(valueWords))].join(" or ");
  if (schema.type === "array") {
    const { items } = schema;
    if (items === undefined || Array.isArray(items)) return "list of texts";
    return isKinds(items) ? "list of databases, see below" : `list of ${valueWords(items)}`;
  }
  const words: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "`true`, `false`",
    object: "map",
  };
  return words[String(schema.type)] ?? "any";
}

function formsTable(): string {
  return [
    "## Forms",
    "",
    "| form | written |",
    "|---|---|",
    "| secret | the value itself in quotes, `{ env: NAME }`, `{ file: /PATH }` or `{ command: [PROGRAM, ARGUMENT] }` |",
    "| duration | `90s`, `5m`, `1h30m`, `2d`, `1w` |",
    "| size | `64KiB`, `500MiB` (powers of 1024; `K`, `M`, `G`, `T` too), `2GB` (powers of 1000) |",
    "| rate | a size per second: `5MiB/s` |",
    '| schedule | cron, five fields in local time: `"0 2 * * *"`; or `@hourly`, `@daily`, `@weekly`, `@monthly` |',
    "| hook | a line for `sh -c`, a list of program and arguments, or `{ command: …, limit: 5m }` |",
    "| name | letters, digits, dot, dash and underscore, at most 63 |",
  ].join("\n");
}
