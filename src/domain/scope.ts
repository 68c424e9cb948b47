import { posix } from "node:path";
import type { Scope } from "./app.ts";
import { compile } from "./excludes/compile.ts";
import { literalPattern } from "./excludes/literal.ts";

/** Compose files by the names that Docker Compose looks for, their overrides included. */
const composePatterns = [
  "compose.yml",
  "compose.yaml",
  "compose.*.yml",
  "compose.*.yaml",
  "docker-compose*.yml",
  "docker-compose*.yaml",
];
const envPatterns = [".env", "*.env", ".env.*"];

const isCompose = compile(composePatterns);
const isEnv = compile(envPatterns);

/** What a file is by its name; everything else belongs to the volumes. */
export function scopeOfName(path: string): "compose" | "env" | undefined {
  const name = `/${posix.basename(path)}`;
  if (isCompose(name)) return "compose";
  return isEnv(name) ? "env" : undefined;
}

/** Of an app's files and folders those that are called like Compose or env files. */
export interface NamedFiles {
  compose: string[];
  env: string[];
  /** Folders, which are neither: `.env` is also what a Python environment is called. */
  folders: string[];
}

export function isWhole({ volumes, compose, env }: Scope): boolean {
  return volumes && compose && env;
}

/**
 * What is left of an app's paths in its scope, and the patterns that leave out the rest. Without volumes only the Compose and
 * env files that were found are taken. Databases are no files: they are dumped in any scope.
 */
export function withinScope(
  scope: Scope,
  paths: readonly string[],
  { compose, env, folders }: NamedFiles,
): { paths: string[]; exclude: string[] } {
  if (!scope.volumes) {
    return { paths: [...new Set([...(scope.compose ? compose : []), ...(scope.env ? env : [])])], exclude: [] };
  }
  // restic never excludes a path that is named itself.
  const unwanted = new Set([...(scope.compose ? [] : compose), ...(scope.env ? [] : env)]);
  const patterns = [...(scope.compose ? [] : composePatterns), ...(scope.env ? [] : envPatterns)];
  return {
    paths: paths.filter((path) => !unwanted.has(path)),
    exclude: [...patterns, ...(patterns.length === 0 ? [] : folders.map((folder) => `!${literalPattern(folder)}`))],
  };
}
