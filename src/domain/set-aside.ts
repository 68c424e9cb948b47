import { problem, type Problem } from "../base/errors/error.ts";
import type { ApiDeclared, Declared, LeftOut } from "./declaration.ts";
import type { Ranked } from "./merge.ts";

export type NamedKind = "app" | "policy" | "destination";
const of = {
  app: (declared: Declared) => declared.apps,
  policy: (declared: Declared) => declared.policies,
  destination: (declared: Declared) => declared.destinations,
} as const;

/**
 * What the API declared without what a source declares under the same name, also where the source has a mistake: half of
 * one and half of the other would be a third that nobody meant. Tells of each.
 */
export function setAside(sources: readonly Ranked[], api: ApiDeclared): { declared: ApiDeclared; problems: Problem[] } {
  const problems: Problem[] = [];
  const taken = {
    app: namesOf("app", sources),
    policy: namesOf("policy", sources),
    destination: namesOf("destination", sources),
  };
  const keep = <Item extends { name: string }>(kind: NamedKind, items: readonly Item[]): Item[] =>
    items.filter(({ name }) => {
      const origin = taken[kind].get(name);
      if (origin !== undefined) problems.push(problem("HF_DECLARED_TWICE", { kind, name, origin }));
      return origin === undefined;
    });
  const isTaken = ({ kind, name }: { kind: LeftOut["kind"]; name: string }): boolean =>
    (kind === "app" || kind === "policy" || kind === "destination") && taken[kind].has(name);
  const declared: ApiDeclared = {
    ...api,
    apps: keep("app", api.apps),
    policies: keep("policy", api.policies),
    destinations: keep("destination", api.destinations),
    references: (api.references ?? []).filter(({ by }) => by.kind === "configuration" || !isTaken(by)),
    leftOut: (api.leftOut ?? []).filter((lost) => !isTaken(lost)),
  };
  return { declared, problems };
}

/** Names that sources declare, or tried to, and where. */
export function namesOf(kind: NamedKind, sources: readonly Ranked[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { declared } of sources) {
    for (const { name, origin } of of[kind](declared)) names.set(name, origin);
    for (const lost of declared.leftOut ?? []) {
      if (lost.kind === kind && !names.has(lost.name)) names.set(lost.name, "a file with a mistake");
    }
  }
  return names;
}
