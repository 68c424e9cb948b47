import { z } from "zod";
import { Secret } from "../../base/secrets/secret.ts";

/** An entry as it could stand in holdfast.yaml, each secret replaced by `{ sealed: NAME }`. */
export type Body = Record<string, unknown>;

/** The body of a row that the API itself wrote; one that is no JSON any more counts as empty, to be replaced or deleted. */
export function bodyOf({ body }: { body: string }): Body {
  try {
    return z.record(z.string(), z.unknown()).catch({}).parse(JSON.parse(body));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The same before it is kept: its secrets are `Secret`s still. */
export type Fields = Record<string, unknown>;

/** The fields with each secret replaced by a reference to its sealed name, which begins with `prefix`; and those secrets. */
export function withSealed(fields: Fields, prefix: string): { body: Body; secrets: Map<string, Secret> } {
  const secrets = new Map<string, Secret>();
  const walk = (value: unknown, name: string): unknown => {
    if (value instanceof Secret) {
      secrets.set(name, value);
      return { sealed: name };
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, `${name}.${index}`));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, `${name}.${key}`)]));
  };
  const body = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, walk(value, `${prefix}:${key}`)]));
  return { body, secrets };
}

/** The names of all sealed secrets that a body refers to. */
export function sealedIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("sealed" in value && typeof value.sealed === "string") return [value.sealed];
  return Object.values(value).flatMap(sealedIn);
}

/** What is declared after a change: undefined leaves a field as it is, null takes it away. */
export function changed(body: Body, changes: Fields): Fields {
  const kept = Object.entries({ ...body, ...withoutUndefined(changes) }).filter(([, value]) => value !== null);
  return Object.fromEntries(kept);
}

export function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
