import { problem } from "../base/errors/error.ts";
import type { SystemType } from "./app.ts";
import type { AppDeclaration, Declared } from "./declaration.ts";
import type { Ranked } from "./merge.ts";
import { appName, type AppName } from "./names.ts";

/** The apps that are Holdfast itself. Nobody else's app has such a name. */
export const systemApps: Readonly<Record<SystemType, AppName>> = {
  database: appName("holdfast-database"),
  platform_config: appName("holdfast-config"),
};

export function isSystemApp(name: string): boolean {
  return Object.values(systemApps).some((one) => one === name);
}

/** Of Holdfast's own apps a person may say how they are backed up, and not what they are. */
const open: ReadonlySet<string> = new Set(["name", "origin", "policy", "enabled", "exclude", "tags"]);

/** The sources without what they say of Holdfast's own apps beyond that; each such entry is a problem. */
export function withoutForeignSystemApps(ranked: readonly Ranked[]): Ranked[] {
  return ranked.map(({ rank, declared }) => {
    const foreign = declared.apps.filter(
      (app) => isSystemApp(app.name) && Object.keys(app).some((key) => !open.has(key)),
    );
    if (foreign.length === 0) return { rank, declared };
    const problems = foreign.map(({ name, origin }) => problem("HF_SYSTEM_NAME", { name, origin }));
    return {
      rank,
      declared: {
        ...declared,
        apps: declared.apps.filter((app) => !foreign.includes(app)),
        problems: [...declared.problems, ...problems],
      },
    };
  });
}

/** Whether anything is said of these apps, so that they are meant to take part. */
export function namesSystemApp(ranked: readonly Ranked[]): boolean {
  return ranked.some(({ declared }) => declared.apps.some((app) => isSystemApp(app.name)));
}

/** Below every file and variable. */
const systemRank = 0;

export function systemSource(apps: readonly AppDeclaration[]): Ranked {
  const declared: Declared = { apps: [...apps], policies: [], destinations: [], problems: [] };
  return { rank: systemRank, declared };
}

/** The sources with nothing but Holdfast's own apps among their apps. */
export function onlySystemApps(ranked: readonly Ranked[]): Ranked[] {
  return ranked.map(({ rank, declared }) => ({
    rank,
    declared: { ...declared, apps: declared.apps.filter((app) => isSystemApp(app.name)) },
  }));
}
