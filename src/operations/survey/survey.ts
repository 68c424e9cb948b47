import { join } from "node:path";
import { z } from "zod";
import { openDatabase } from "../../adapters/databases/registry.ts";
import { exists } from "../../base/files/exists.ts";
import type { App } from "../../domain/app.ts";
import type { DatabaseDeclaration } from "../../domain/database.ts";
import { compile } from "../../domain/excludes/compile.ts";
import type { Facts } from "../../domain/facts.ts";
import type { DestinationName } from "../../domain/names.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { secretResolver } from "../context/secrets.ts";

const localSpec = z.object({ path: z.string() });

/** Collects what the plans of these apps depend on. It looks at names only and reaches no server. */
export async function survey(holdfast: Holdfast, apps: App[]): Promise<Facts> {
  const existing = new Set<string>();
  for (const path of new Set(apps.flatMap((app) => app.paths))) if (await exists(path)) existing.add(path);

  const localRepositories = new Map<DestinationName, string>();
  for (const destination of holdfast.declared.destinations) {
    if (destination.type === "local") localRepositories.set(destination.name, localSpec.parse(destination.spec).path);
  }

  const leaveOut = new Map<App["name"], string[]>();
  for (const app of apps)
    leaveOut.set(app.name, [...(await replacedByDumps(holdfast, app)), ...ownFiles(holdfast, app)]);

  return {
    existing,
    localRepositories,
    leaveOut,
    excludes(patterns, path) {
      const excluded = compile(patterns);
      const steps = path.split("/").map((_, index, all) => all.slice(0, index + 1).join("/"));
      return steps.some((step) => step !== "" && excluded(step));
    },
  };
}

/** A database whose declaration cannot even be opened has no footprint; its run tells why. */
async function replacedByDumps(holdfast: Holdfast, app: App): Promise<string[]> {
  const files: string[] = [];
  for (const declaration of app.databases.filter(({ type }) => type === "sqlite")) {
    files.push(...(await footprintOf(holdfast, declaration)));
  }
  return files.map(literalPattern);
}

async function footprintOf(holdfast: Holdfast, declaration: DatabaseDeclaration): Promise<string[]> {
  const database = await openDatabase(declaration, {
    name: declaration.name,
    executor: holdfast.device,
    scratch: holdfast.home.scratch,
    resolveSecret: secretResolver(holdfast),
  });
  try {
    return database.footprint().leaveOut;
  } finally {
    await database.close();
  }
}

/** Holdfast's own folder, where it lies below an app's path, but for this app's staging folder. */
function ownFiles(holdfast: Holdfast, app: App): string[] {
  const { home } = holdfast;
  const covered = app.paths.some((path) => isBelow(path, home.root));
  if (!covered) return [];
  const others = holdfast.declared.apps
    .filter((other) => other.name !== app.name)
    .map((other) => join(home.staging, other.name));
  const own = [home.repository, home.cache, home.scratch, home.binaries, home.journal, join(home.root, "keys")];
  const state = ["", "-wal", "-shm"].map((suffix) => `${home.state}${suffix}`);
  return [...own, ...state, ...others].map(literalPattern);
}

/** A pattern that matches this path and no other: what is special in patterns is escaped. */
export function literalPattern(path: string): string {
  return path.replaceAll(/[\\*?[]/g, (special) => `\\${special}`);
}
