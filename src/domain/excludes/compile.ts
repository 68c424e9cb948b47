import { posix } from "node:path";
import { failure } from "../../base/errors/error.ts";
import { compileComponent, type Component } from "./glob.ts";

/** Whether restic leaves an absolute path out. What lies below an excluded folder is never asked for. */
export type Excluded = (path: string) => boolean;

type Step = Component | "any depth";

interface Pattern {
  steps: Step[];
  /** Begins with a slash: matches from the root only. Others match at any depth. */
  rooted: boolean;
  /** `!pattern` takes back what an earlier pattern excluded. */
  negated: boolean;
}

/**
 * Compiles restic's `--exclude` patterns (its internal/filter, 0.19.1): one component at a time as Go's filepath.Match,
 * `**` for any number of components, case sensitive, the last pattern that matches decides. A pattern that matches a
 * folder matches all below it. Roots of a backup are exempt in restic 0.19: they are given, not found.
 * Empty patterns are ignored. Throws HF_CONFIG_INVALID for a pattern that restic would refuse.
 */
export function compile(patterns: readonly string[]): Excluded {
  const compiled = patterns.filter((text) => text !== "").map(compilePattern);
  if (compiled.length === 0) return () => false;
  return (path) => {
    const components = path.split("/").slice(1);
    let excluded = false;
    for (const pattern of compiled) {
      if (excluded === pattern.negated && matches(pattern, components)) excluded = !pattern.negated;
    }
    return excluded;
  };
}

function compilePattern(text: string): Pattern {
  // A NUL cannot be handed to a program.
  if (text.includes("\0")) throw malformed(text);
  const negated = text.startsWith("!");
  const clean = posix.normalize(negated ? text.slice(1) : text);
  const rooted = clean.startsWith("/");
  const parts = clean.replace(/^\//, "").replace(/\/$/, "").split("/");
  const steps = parts.map((part): Step => {
    // restic reads the empty component of a lone "/" as "**".
    if (part === "**" || part === "") return "any depth";
    const component = compileComponent(part);
    if (component === undefined) throw malformed(text);
    return component;
  });
  return { steps, rooted, negated };
}

function matches({ steps, rooted }: Pattern, components: string[]): boolean {
  // restic counts the root as a component of every path, but only of patterns that begin with it.
  const room = components.length - steps.length + (rooted ? 0 : 1);
  if (rooted) return matchesFrom(steps, 0, components, 0, room);
  for (let from = components.length - 1; from >= 0; from--) {
    if (matchesFrom(steps, 0, components, from, room)) return true;
  }
  return false;
}

/**
 * Whether the steps match from `at` on; components left over lie below what was matched. restic expands one "**" after
 * the other and, while it does, takes every later one for a component: with two of them, `/**` + `/a/**` misses `/a`
 * itself. `room` is how many components more than steps there may be until then.
 */
function matchesFrom(steps: Step[], step: number, components: string[], at: number, room: number): boolean {
  const expected = steps[step];
  if (expected === undefined) return true;
  if (expected === "any depth") {
    const most = Math.min(components.length - at, room + 1);
    for (let count = 0; count <= most; count++) {
      if (matchesFrom(steps, step + 1, components, at + count, room + 1 - count)) return true;
    }
    return false;
  }
  const name = components[at];
  return name !== undefined && expected(name) && matchesFrom(steps, step + 1, components, at + 1, room);
}

function malformed(pattern: string): Error {
  return failure("HF_CONFIG_INVALID", {
    place: "exclude",
    expected: "a pattern that restic understands",
    found: JSON.stringify(pattern),
    suggestion: "Close every [ with a ], and write \\[ for a bracket that is part of a name.",
  });
}
