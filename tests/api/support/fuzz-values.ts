import { randomUUID } from "node:crypto";
import { sample, stringMatching } from "fast-check";
import type { JsonSchema, OpenApi, Operation } from "../../../src/api/openapi.ts";

/** Numbers that look random and are the same for the same seed (mulberry32, public domain). */
export interface Dice {
  /** From 0 to less than `below`. */
  roll(below: number): number;
  chance(part: number): boolean;
  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T;
}

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    roll: (below) => Math.floor(next() * below),
    chance: (part) => next() < part,
    pick(from) {
      const found = from[Math.floor(next() * from.length)];
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
  };
}

export interface Ground {
  dice: Dice;
  document: OpenApi;
  /** Ids that exist, by what they are of, such as `policies`. */
  ids: ReadonlyMap<string, readonly string[]>;
  /** Below it everything may be written. */
  folder: string;
  /** Every password and key that was sent. */
  secrets: Set<string>;
}

export interface Case {
  path: string;
  query: string;
  /** JSON, or what should be. Undefined for none. */
  body: string | undefined;
  headers: Record<string, string>;
}

/** A request for this operation: what its schemas ask for, or, when `spoilt`, nearly that. */
export function caseFor(ground: Ground, path: string, operation: Operation, spoilt: boolean): Case {
  const { dice } = ground;
  const parameters = operation.parameters ?? [];
  const places = [
    ...(path.includes("{") ? ["path"] : []),
    "query",
    ...(operation.requestBody ? ["body", "body"] : []),
    "raw",
  ];
  const spoil = spoilt ? dice.pick(places) : "nothing";
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.in === "path" && one.name === name);
    const kind = path.split("/").at(path.split("/").indexOf(`{${name}}`) - 1) ?? "";
    const value = spoil === "path" ? dice.pick(nasty) : valid(ground, parameter?.schema ?? {}, `${kind}_${name}`);
    return encode(text(value).slice(0, 600)) || "%20";
  });
  const query: string[] = [];
  for (const { name, schema, required } of parameters.filter((one) => one.in === "query")) {
    if (!required && dice.chance(0.6)) continue;
    const value = spoil === "query" && dice.chance(0.5) ? dice.pick(nasty) : valid(ground, schema, name);
    for (const one of Array.isArray(value) ? value : [value]) query.push(`${name}=${encode(text(one).slice(0, 3000))}`);
  }
  if (spoil === "query")
    query.push(dice.pick(["a[b]=c", "limit=1&limit=2", "__proto__=1", "%ff=%fe", "=", "cursor=%00"]));
  const schema = operation.requestBody?.content["application/json"].schema;
  const made = schema === undefined ? undefined : valid(ground, schema, "body");
  const body = spoil === "body" ? spoiled(ground, made) : made;
  const json = body === undefined ? undefined : JSON.stringify(body);
  return {
    path: filled,
    query: query.length === 0 ? "" : `?${query.join("&")}`,
    body: spoil === "raw" ? dice.pick([...(json === undefined ? [] : [json.slice(0, -1), `${json}}`]), ...raw]) : json,
    headers:
      spoil === "raw"
        ? dice.pick<Record<string, string>>([
            {},
            { "content-type": "text/plain" },
            { "content-type": "application/json; charset=utf-16" },
            { "content-type": "multipart/form-data" },
            { accept: "text/html" },
          ])
        : {},
  };
}

const raw = [
  "",
  "null",
  "[]",
  "{",
  '"text"',
  "\u0000",
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{}}}',
  "[".repeat(5000),
];

const nasty: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.5,
  "",
  " ",
  [],
  {},
  [[[[[]]]]],
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "/",
  "//evil.example",
  "\u0000",
  "a\nb",
  "\ud800",
  "💣‮",
  "-o ProxyCommand=true",
  "--help",
  "' OR '1'='1",
  "${HOME}$(true)`true`",
  "http://169.254.169.254/latest/meta-data/",
  "file:///etc/shadow",
  "9".repeat(400),
  "x".repeat(5000),
  "0 0 31 2 *",
  "9999-12-31T23:59:59Z",
  "constructor",
  "__proto__",
];

function encode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "?"));
}

/** The value with one place of it exchanged, left out or added. */
function spoiled(ground: Ground, value: unknown): unknown {
  const { dice } = ground;
  if (typeof value !== "object" || value === null || dice.chance(0.1)) return dice.pick(nasty);
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.chance(0.2)) return [...value, dice.pick(nasty)];
    const at = dice.roll(value.length);
    return value.map((one: unknown, index) => (index === at ? spoiled(ground, one) : one));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || dice.chance(0.15)) return { ...value, [dice.pick(["extra", "id", "__proto__x"])]: 1 };
  const at = dice.roll(entries.length);
  if (dice.chance(0.2)) return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(
    entries.map(([name, one], index) => [
      name,
      index !== at ? one : dice.chance(0.5) ? spoiled(ground, one) : dice.pick(nasty),
    ]),
  );
}

function valid(ground: Ground, schema: JsonSchema, name: string, depth = 0): unknown {
  const { dice } = ground;
  if (schema.$ref !== undefined) {
    const found = ground.document.components.schemas[schema.$ref.replace("#/components/schemas/", "")];
    return valid(ground, found ?? {}, name, depth + 1);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return dice.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return valid(ground, dice.pick(choices), name, depth + 1);
  const type = Array.isArray(schema.type) ? dice.pick(schema.type) : schema.type;
  switch (type) {
    case "null":
      return null;
    case "boolean":
      return dice.chance(0.5);
    case "integer":
    case "number": {
      const least = schema.minimum ?? 0;
      return least + dice.roll(Math.min((schema.maximum ?? least + 1000) - least + 1, 10_000));
    }
    case "array": {
      const { items } = schema;
      const count = (schema.minItems ?? 0) + dice.roll(3);
      return items ? Array.from({ length: count }, () => valid(ground, items, name, depth + 1)) : [];
    }
    case "object":
      return objectFor(ground, schema, name, depth);
    default:
      return stringFor(ground, schema, name);
  }
}

function objectFor(ground: Ground, schema: JsonSchema, name: string, depth: number): Record<string, unknown> {
  const { dice } = ground;
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields = Object.entries(properties).filter(
    ([field]) => required.includes(field) || dice.chance(depth > 4 ? 0.1 : 0.4),
  );
  const found = fields.map(([field, one]) => [field, valid(ground, one, field, depth + 1)] as const);
  if (fields.length === 0 && typeof additionalProperties === "object") {
    return { [`key${dice.roll(5)}`]: valid(ground, additionalProperties, name, depth + 1) };
  }
  return Object.fromEntries(found);
}

function stringFor(ground: Ground, schema: JsonSchema, name: string): string {
  const { dice } = ground;
  if (schema.format === "password") {
    const secret = `secret-${randomUUID()}`;
    ground.secrets.add(secret);
    return secret;
  }
  if (schema.format === "uuid") return idFor(ground, name);
  if (schema.format === "date-time") return new Date(1.7e12 + dice.roll(1e9) * 100).toISOString();
  const fitting = hints.find(([pattern]) => pattern.test(name));
  if (fitting !== undefined) return dice.pick(fitting[1](ground));
  if (schema.pattern !== undefined) {
    // fast-check knows no lookaheads; what it makes without them is not always what is asked for, which is fine here.
    const matching = stringMatching(new RegExp(schema.pattern.replaceAll(/\(\?[=!][^)]*\)/g, "")));
    return sample(matching, { seed: dice.roll(2 ** 31), numRuns: 1 })[0] ?? "";
  }
  const examples = (schema.examples ?? []).filter((one) => typeof one === "string");
  if (examples.length > 0 && dice.chance(0.7)) return dice.pick(examples);
  const words = ["x", "name", "daily", "0 2 * * *", "5m", "10MiB/s", "Europe/Berlin", "ä€💾", "*.log", "a b"];
  return dice
    .pick(words)
    .slice(0, schema.maxLength ?? 100)
    .padEnd(schema.minLength ?? 0, "y");
}

/** Mostly one that exists and is of what the field is called after: `policy_id`, `destination_ids`, `apps_id`. */
function idFor({ dice, ids }: Ground, name: string): string {
  const stem = name
    .replace(/_?ids?$/, "")
    .replace(/^target_/, "")
    .replace(/(?:ies|y|s)$/, "");
  const own = [...ids].find(([kind]) => stem !== "" && kind.startsWith(stem))?.[1] ?? [];
  const any = [...ids.values()].flat();
  if (own.length > 0 && dice.chance(0.8)) return dice.pick(own);
  return any.length > 0 && dice.chance(0.5) ? dice.pick(any) : randomUUID();
}

/** What fields of such names usually hold. Addresses are such as must be refused: nothing waits for a server. */
const hints: readonly (readonly [RegExp, (ground: Ground) => readonly string[]])[] = [
  [/path|folder|root/, ({ dice, folder }) => [`${folder}/fuzz/${dice.roll(5)}`, `${folder}/data`, "/dev/null/x", "/"]],
  [/host|endpoint|url|address|server/, () => ["169.254.169.254", "file:///etc/passwd", "[fe80::1]"]],
  [/^(name|username|user)$/, ({ dice }) => [`fuzz-${dice.roll(40)}`]],
  [/schedule/, () => ["0 2 * * *", "30 4 * * 0", "@daily"]],
  [/timezone/, () => ["Europe/Berlin", "UTC"]],
  [/blackout/, () => ["Mon-Fri 08:00-18:00", "22:00-06:00"]],
  [/jitter|age|wait|within/, () => ["5m", "1h30m", "2d"]],
  [/_limit$/, () => ["5MiB/s", "1GiB/s"]],
  [/files/, () => ["orders/2026/first.csv", "notes"]],
];
