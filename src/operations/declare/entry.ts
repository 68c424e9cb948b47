import { storedSource } from "../../adapters/sources/stored.ts";
import { HoldfastError } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { ApiDeclared } from "../../domain/declaration.ts";
import { kinds } from "../config/schema.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Body } from "./body.ts";
import type { DraftKind } from "./draft.ts";

/** What an entry means before anything of it is kept. Throws HF_CONFIG_INVALID for the first thing that is wrong with it. */
export function readEntry(
  { deviceName: device }: Pick<Holdfast, "deviceName">,
  kind: DraftKind,
  name: string,
  body: Body,
): ApiDeclared {
  const declared = storedSource({ kinds, device }).read([{ kind, name, body: JSON.stringify(body) }]);
  const [trouble] = declared.problems;
  if (trouble !== undefined) throw new HoldfastError(trouble);
  return declared;
}

/** A spec with the secrets themselves in the place of those references whose secrets are not sealed yet. */
export function unsealed(value: unknown, secrets: ReadonlyMap<string, Secret>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => unsealed(item, secrets));
  const name = "from" in value && value.from === "sealed" && "name" in value ? value.name : undefined;
  const secret = typeof name === "string" ? secrets.get(name) : undefined;
  if (secret !== undefined) return { from: "plain", value: secret };
  // References that are made already hold objects of their own, which are taken as they are.
  if ("from" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unsealed(inner, secrets)]));
}
