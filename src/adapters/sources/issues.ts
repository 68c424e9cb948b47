import type { core } from "zod";
import { problem, type Problem } from "../../base/errors/error.ts";
import { schemasAt, type JsonSchema } from "./json-schema.ts";
import { nearest } from "./nearest.ts";

type Issue = core.$ZodIssue;

/** What is needed to tell a person where an entry is wrong. */
export interface Wrong {
  /** The entry as it was written. */
  value: unknown;
  /** The entry's JSON Schema: it knows which keys there are, and which values are secrets. */
  schema: JsonSchema;
  /** Where a value (or its key) of the entry stands; the path is within the entry. */
  place: (path: (string | number)[], at?: "value" | "key") => string;
  /** Said when nothing better is known. */
  help: string;
}

/** One problem per mistake: where, what was expected, what was found (never a secret's value), and what to do. */
export function toProblems(issues: readonly Issue[], wrong: Wrong): Problem[] {
  return withoutConsequences(issues, wrong).flatMap((issue) => fromIssue(issue, [], wrong));
}

/** A mistyped key is also a missing one: that is said once. */
function withoutConsequences(issues: readonly Issue[], wrong: Wrong): Issue[] {
  const isMissing = (issue: Issue): boolean => issue.path.length > 0 && valueAt(wrong.value, issue.path) === undefined;
  const parent = (issue: Issue): string => JSON.stringify(issue.path.slice(0, -1));
  const explained = issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [];
    const siblings = issues.filter((other) => isMissing(other) && parent(other) === JSON.stringify(issue.path));
    const names = siblings.map((other) => String(other.path.at(-1)));
    const meant = issue.keys.map((key) => nearest(key, names));
    return siblings.filter((_, index) => meant.includes(names[index]));
  });
  return issues.filter((issue) => !explained.includes(issue));
}

function fromIssue(issue: Issue, above: readonly PropertyKey[], wrong: Wrong): Problem[] {
  const full = [...above, ...issue.path];
  const path = full.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, wrong));
  if (issue.code === "invalid_union") return fromUnion(issue, full, path, wrong);
  if (issue.code === "invalid_key") return issue.issues.flatMap((inner) => badKey(inner.message, path, wrong));

  const value = valueAt(wrong.value, path);
  const schemas = schemasAt(wrong.schema, wrong.value, path);
  if (value === undefined) return [missing(issue, path, schemas, wrong)];
  const options = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const close = typeof value === "string" ? nearest(value, options) : undefined;
  return [
    problem("HF_CONFIG_INVALID", {
      place: wrong.place(path),
      expected: expected(issue, schemas),
      found: describe(value, isSecret(path, schemas)),
      suggestion: close === undefined ? advice(value, schemas, wrong) : `Did you mean ${close}?`,
    }),
  ];
}

function unknownKey(key: string, path: (string | number)[], wrong: Wrong): Problem {
  const known = knownKeys(schemasAt(wrong.schema, wrong.value, path));
  const close = nearest(key, known);
  return problem("HF_CONFIG_INVALID", {
    place: wrong.place([...path, key], "key"),
    expected: "a known key",
    found: `the unknown key ${JSON.stringify(key)}`,
    suggestion: close === undefined ? `Known here are: ${known.join(", ")}.` : `Did you mean ${close}?`,
  });
}

function missing(issue: Issue, path: (string | number)[], schemas: JsonSchema[], wrong: Wrong): Problem {
  const key = path.at(-1) ?? "";
  return problem("HF_CONFIG_INVALID", {
    place: wrong.place(path.slice(0, -1)),
    expected: `the key ${JSON.stringify(String(key))} (${expected(issue, schemas)})`,
    found: "none",
    suggestion: advice(undefined, schemas, wrong),
  });
}

function badKey(message: string, path: (string | number)[], wrong: Wrong): Problem {
  const found = JSON.stringify(String(path.at(-1) ?? ""));
  return problem("HF_CONFIG_INVALID", {
    place: wrong.place(path, "key"),
    expected: message,
    found,
    suggestion: wrong.help,
  });
}

/** Tells the errors of the alternative that was most likely meant, not those of all. */
function fromUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  full: readonly PropertyKey[],
  path: (string | number)[],
  wrong: Wrong,
): Problem[] {
  const ranked = issue.errors
    .map((errors) => ({ errors, cost: errors.reduce((sum, error) => sum + costOf(error), 0) }))
    .sort((one, other) => one.cost - other.cost);
  const [best] = ranked;
  const value = valueAt(wrong.value, path);
  if (value !== undefined && best !== undefined && best.cost < wrongShape) {
    const unknown = best.errors.filter(({ code }) => code === "unrecognized_keys");
    return (unknown.length > 0 ? unknown : best.errors).flatMap((error) => fromIssue(error, full, wrong));
  }
  const schemas = schemasAt(wrong.schema, wrong.value, path);
  const shapes = [...new Set(issue.errors.flatMap((errors) => errors.filter(isRootType).map(typeWords)))];
  const keys = knownKeys(schemas);
  const words = shapes.map((shape) =>
    shape === mapWords && keys.length > 0 ? `a map with ${keys.join(", ")}` : shape,
  );
  return [
    problem("HF_CONFIG_INVALID", {
      place: wrong.place(path),
      expected: words.length === 0 ? "another value" : words.join(" or "),
      found: describe(value, isSecret(path, schemas)),
      suggestion: advice(value, schemas, wrong),
    }),
  ];
}

const wrongShape = 1000;

function costOf(issue: Issue): number {
  if (issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "custom")) return wrongShape;
  if (issue.code === "unrecognized_keys") return 10 * issue.keys.length;
  if (issue.code === "invalid_union") return Math.min(...issue.errors.map((errors) => errors.length));
  return 1;
}

function isRootType(issue: Issue): issue is Extract<Issue, { code: "invalid_type" }> {
  return issue.path.length === 0 && issue.code === "invalid_type";
}

const mapWords = "a map (key: value)";

const types: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: mapWords,
  record: mapWords,
};

function typeWords(issue: Extract<Issue, { code: "invalid_type" }>): string {
  return types[issue.expected] ?? issue.expected;
}

/** zod's own sentences begin so; all others are ours and say what is expected. */
const zodsOwn = /^(Invalid|Too (small|big)|Unrecognized)/;

function expected(issue: Issue, schemas: readonly JsonSchema[]): string {
  if (!zodsOwn.test(issue.message)) return issue.message;
  const unit =
    "origin" in issue && issue.origin === "string"
      ? " characters"
      : "origin" in issue && issue.origin === "array"
        ? " entries"
        : "";
  switch (issue.code) {
    case "invalid_type":
      return typeWords(issue);
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.origin === "string" && issue.minimum === 1
        ? "a text that is not empty"
        : `at least ${issue.minimum}${unit}`;
    case "too_big":
      return `at most ${issue.maximum}${unit}`;
    case "invalid_format":
      return issue.format === "regex" ? `a text like ${issue.pattern}` : `a valid ${issue.format}`;
    default:
      return schemas.find(({ title }) => title !== undefined)?.title ?? "another value";
  }
}

function advice(value: unknown, schemas: readonly JsonSchema[], wrong: Wrong): string {
  if (typeof value === "number" && isSecret([], schemas)) return "Put it in quotes: YAML would drop its leading zeros.";
  const description = schemas.find((schema) => schema.description !== undefined)?.description;
  return description === undefined ? wrong.help : `${description} ${wrong.help}`;
}

function knownKeys(schemas: readonly JsonSchema[]): string[] {
  return [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

const secretName = /pass|secret|token|key$|credential/i;

function isSecret(path: readonly PropertyKey[], schemas: readonly JsonSchema[]): boolean {
  return schemas.some(({ title }) => title === "Secret") || path.some((part) => secretName.test(String(part)));
}

function describe(value: unknown, secret: boolean): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  if (secret) return typeof value === "string" ? "a text (not shown)" : `a ${typeof value} (not shown)`;
  if (typeof value !== "string") return JSON.stringify(value) ?? typeof value;
  const shown = value.replaceAll(/\/\/[^/@\s]*@/g, "//…@");
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 79)}…` : shown);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}
