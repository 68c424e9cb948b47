import { join, relative } from "node:path";
import { z } from "zod";
import { HoldfastError } from "../../base/errors/error.ts";
import { exists, lookAt, realPath } from "../../base/files/exists.ts";
import type { App } from "../../domain/app.ts";
import type { DatabaseDeclaration } from "../../domain/database.ts";
import { compile } from "../../domain/excludes/compile.ts";
import { literalPattern } from "../../domain/excludes/literal.ts";
import type { Facts } from "../../domain/facts.ts";
import type { DestinationName } from "../../domain/names.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import { isWhole, type NamedFiles } from "../../domain/scope.ts";
import { openDeclared } from "../context/databases.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { keyFiles, whyOwn } from "../context/own-files.ts";
import { findNamedFiles } from "./named-files.ts";

const localSpec = z.object({ path: z.string() });

/** Collects what the plans of these apps depend on. It looks at names only and reaches no server. */
export async function survey(holdfast: Holdfast, apps: App[]): Promise<Facts> {
  const existing = new Set<string>();
  for (const path of new Set(apps.flatMap((app) => app.paths))) if (await exists(path)) existing.add(path);

  const localRepositories = new Map<DestinationName, string>();
  for (const destination of holdfast.declared.destinations) {
    if (destination.type !== "local") continue;
    localRepositories.set(destination.name, await realPath(localSpec.parse(destination.spec).path));
  }

  const links = new Map<string, string>();
  const real = new Map<string, string>();
  for (const path of existing) {
    const target = await realPath(path);
    real.set(path, target);
    if ((await lookAt(path))?.isSymbolicLink() === true) links.set(path, target);
  }

  const home = await realPath(holdfast.home.root);
  const keys = await keyFiles(holdfast);
  const leaveOut = new Map<App["name"], string[]>();
  const refused = new Map<App["name"], ReadonlyMap<string, string>>();
  const replaced = new Map<App["name"], Map<string, string[]>>();
  const named = new Map<App["name"], NamedFiles>();
  for (const app of apps) {
    const paths = app.paths.map((path) => real.get(path) ?? path);
    const own = [...new Set([...ownFiles(holdfast, app, paths, home), ...keysBelow(app, real, keys)])];
    leaveOut.set(app.name, own);
    refused.set(app.name, await ownPaths(holdfast, app));
    if (!isWhole(app.scope)) {
      const there = app.paths.flatMap((path) => (existing.has(path) ? [path, links.get(path) ?? path] : []));
      named.set(app.name, await findNamedFiles([...new Set(there)], [...app.exclude, ...own]));
    }
    replaced.set(app.name, await replacedByDumps(holdfast, app));
  }

  return {
    existing,
    localRepositories,
    real,
    links,
    leaveOut,
    own: refused,
    replaced,
    named,
    excludes(patterns, path) {
      const excluded = compile(patterns);
      const steps = path.split("/").map((_, index, all) => all.slice(0, index + 1).join("/"));
      return steps.some((step) => step !== "" && excluded(step));
    },
  };
}

/** Paths of the app that are Holdfast's own, and why they may not be. Its own configuration may lie in its own folder. */
async function ownPaths(holdfast: Holdfast, app: App): Promise<Map<string, string>> {
  const itself = holdfast.sources.system.find(({ name }) => name === app.name)?.paths ?? [];
  const own = new Map<string, string>();
  for (const path of app.paths) {
    const reason = itself.includes(path) ? undefined : await whyOwn(holdfast, path);
    if (reason !== undefined) own.set(path, reason);
  }
  return own;
}

/** Patterns for the master key's and password's files below the app's paths, by the ways on which the walk may come. */
function keysBelow(app: App, real: ReadonlyMap<string, string>, keys: readonly string[]): string[] {
  return app.paths.flatMap((path) => {
    const root = real.get(path) ?? path;
    const below = keys.filter((key) => isBelow(root, key));
    return below.flatMap((key) => [key, join(path, relative(root, key))].map(literalPattern));
  });
}

/** Patterns for each database's own files. One whose declaration cannot be opened has none; its run tells why. */
async function replacedByDumps(holdfast: Holdfast, app: App): Promise<Map<string, string[]>> {
  const replaced = new Map<string, string[]>();
  for (const declaration of app.databases) {
    try {
      replaced.set(declaration.name, (await footprintOf(holdfast, declaration)).map(literalPattern));
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
    }
  }
  return replaced;
}

async function footprintOf(holdfast: Holdfast, declaration: DatabaseDeclaration): Promise<string[]> {
  const database = await openDeclared(holdfast, declaration);
  try {
    return database.footprint().leaveOut;
  } finally {
    await database.close();
  }
}

/** Holdfast's own folder, where it lies below an app's path, but for this app's staging folder. */
function ownFiles(holdfast: Holdfast, app: App, paths: string[], root: string): string[] {
  const { home } = holdfast;
  if (!paths.some((path) => isBelow(path, root))) return [];
  const others = holdfast.declared.apps.filter((other) => other.name !== app.name);
  const staged = others.map((other) => join(home.staging, other.name));
  const state = ["", "-wal", "-shm"].map((suffix) => `${home.state}${suffix}`);
  const own = [home.repository, home.cache, home.scratch, home.binaries, home.journal, join(home.root, "keys")];
  // Paths are matched as they are walked, which may be by the resolved way.
  const both = [...own, ...state, ...staged].flatMap((path) => [path, join(root, relative(home.root, path))]);
  return [...new Set(both)].map(literalPattern);
}
