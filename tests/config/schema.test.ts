import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { format } from "oxfmt";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { environmentSource } from "../../src/adapters/sources/environment.ts";
import { readVariables } from "../../src/adapters/sources/dotenv.ts";
import { jsonSchemaOf } from "../../src/adapters/sources/json-schema.ts";
import { reference } from "../../src/adapters/sources/reference.ts";
import { readConfig, yamlSource } from "../../src/adapters/sources/yaml.ts";
import { fromLocation } from "../../src/adapters/destinations/location.ts";
import { render } from "../../src/base/errors/error.ts";
import { merge } from "../../src/domain/merge.ts";
import { kinds, schema } from "./kinds.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const device = "box";
const defaults = { home: "/var/lib/holdfast", device };
const jsonSchema = schema.jsonSchema();
const isValid = new Ajv({ strict: false, allErrors: true }).compile(jsonSchema);

describe("the files that are written from the schema", () => {
  it("holdfast.schema.json is what the schema says (vitest -u writes it anew)", async () => {
    const { code } = await format("holdfast.schema.json", JSON.stringify(jsonSchema, null, 2), { printWidth: 120 });
    await expect(code).toMatchFileSnapshot(at("examples/holdfast.schema.json"));
  });

  it("the reference is what the schema says (vitest -u writes it anew)", async () => {
    await expect(reference(jsonSchema)).toMatchFileSnapshot(at("docs/configuration-reference.md"));
  });
});

describe("the examples", () => {
  it("holdfast.yaml is right for editors and for Holdfast, and begins with its schema", async () => {
    const text = await readFile(at("examples/holdfast.yaml"), "utf8");
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=./holdfast.schema.json");
    isValid(parse(text));
    expect(isValid.errors).toBeNull();
    const { problems, apps, destinations } = merge(
      [{ rank: 2, declared: await yamlSource(at("examples/holdfast.yaml"), { kinds, device }).read() }],
      defaults,
    );
    expect(problems).toEqual([]);
    expect(apps).toHaveLength(4);
    // Where a database or destination is opened, its spec is checked once more.
    for (const { type, spec } of [...apps.flatMap(({ databases }) => databases), ...destinations]) {
      const kind = [...kinds.databases, ...kinds.destinations].find((known) => known.type === type);
      expect(kind?.spec.parse(spec)).toEqual(spec);
    }
  });

  it("registry.env and backup-sets.json declare what they say", async () => {
    const { variables, problems } = await readVariables({
      process: {},
      cwd: at("examples"),
      path: at("examples/registry.env"),
    });
    expect(problems).toEqual([]);
    const source = environmentSource({ variables, cwd: at("examples"), kinds, fromLocation });
    const inventory = merge([{ rank: 1, declared: await source.read() }], defaults);
    expect(inventory.problems).toEqual([]);
    expect(inventory.apps.map(({ name }) => name)).toEqual(["immich", "appdata", "photos"]);
    expect(inventory.destinations).toMatchObject([{ name: "restic", type: "b2" }]);
  });
});

describe("every kind", () => {
  const entries = [
    ...kinds.databases.map(({ type }) => ["database", type] as const),
    ...kinds.destinations.map(({ type }) => ["destination", type] as const),
  ];
  it.each(entries)("%s %s refuses a key that it does not know", (what, type) => {
    const entry = JSON.stringify({ type, no_such_key: 1 });
    const text = what === "database" ? `apps: { a: { databases: [${entry}] } }` : `destinations: { a: ${entry} }`;
    const messages = readConfig(text, "holdfast.yaml", { kinds, device }).problems.map(
      (found) => render(found).message,
    );
    expect(messages.some((message) => message.includes('found the unknown key "no_such_key"'))).toBe(true);
    expect(isValid(parse(text))).toBe(false);
  });
});

describe("the keys that all kinds share", () => {
  it.each(["destinations", "databases"] as const)("are no keys of a single kind of %s", (what) => {
    const shared =
      what === "destinations"
        ? ["type", "password", "append_only", "lock_wait", "upload_limit", "download_limit"]
        : ["type", "name"];
    const clashes = kinds[what].flatMap(({ type, spec }) => {
      const own = jsonSchemaOf(spec);
      const keys = [own, ...(own.anyOf ?? [])].flatMap(({ properties }) => Object.keys(properties ?? {}));
      return keys.filter((key) => shared.includes(key)).map((key) => `${type}: ${key}`);
    });
    expect(clashes).toEqual([]);
  });
});

/** Documents of which the editor and Holdfast must think alike. */
const documents: [right: boolean, text: string][] = [
  [true, "{}"],
  [true, "apps: { a: { paths: /srv/a } }"],
  [
    true,
    "apps: { a: { paths: [/srv/a], exclude: ['*.tmp'], hooks: { before: [[echo, hi], x, { command: y, limit: 5m }] } } }",
  ],
  [true, "apps: { a: { databases: [{ type: postgres, database: a, password: { env: X } }] } }"],
  [true, "apps: { a: { databases: [{ type: postgres, database: a, password: 'x' }] } }"],
  [true, "destinations: { a: { type: local, path: /a, append_only: true, upload_limit: 1MiB } }"],
  [false, "apps: { a: { paths: srv/a } }"],
  [false, "apps: { a: { path: /srv/a } }"],
  [false, "apps: { a: { paths: 5 } }"],
  [false, "apps: { 'a b': { paths: /a } }"],
  [false, "apps: { a: { databases: [{ type: nosql }] } }"],
  [false, "apps: { a: { databases: [{ type: postgres, database: a, password: { envv: X } }] } }"],
  [false, "apps: { a: { databases: [{ type: postgres, database: a, password: 5 }] } }"],
  [false, "apps: { a: { hooks: { before: [[]] } } }"],
  [false, "destinations: { a: { path: /a } }"],
  [false, "destinations: { a: { type: local } }"],
  [false, "policies: { a: { keep: { daily: -1 } } }"],
  [false, "policies: { a: { skip_unchanged: sometimes } }"],
  [false, "nothing: {}"],
];

describe("the editor's schema and the reader", () => {
  it.each(documents)("%s: %s", (right, text) => {
    expect(isValid(parse(text))).toBe(right);
    const { problems } = readConfig(text, "holdfast.yaml", { kinds, device });
    expect(problems.length === 0).toBe(right);
  });
});
