import { problem, type Problem } from "../../base/errors/error.ts";
import type { App, DumpExport, Hook, Policy } from "../app.ts";
import type { DestinationDeclaration } from "../destination.ts";
import type { AppName, DestinationName } from "../names.ts";
import type { RequestedBy } from "../run-state.ts";
import type { Facts } from "../facts.ts";

/**
 * What a backup of one app would do, as plain data without secrets: dry runs, previews and the run itself all use it.
 * The nesting is the order: nothing can be pinned outside the window or dumped inside it.
 */
export interface BackupPlan {
  app: AppName;
  device: string;
  requestedBy: RequestedBy;
  dryRun: boolean;
  before: Hook[];
  window: { pin: DatabaseStep[] };
  dumps: DatabaseStep[];
  files: FilesStep;
  stores: StoreStep[];
  after: Hook[];
  /** What is wrong already and will be a result of the run: a missing path, say. */
  problems: Problem[];
  /** What forbids the run altogether: nothing is captured then. */
  refusals: Problem[];
}

export interface DatabaseStep {
  name: string;
  type: string;
  export?: DumpExport;
}

export interface FilesStep {
  /** Paths that exist. */
  paths: string[];
  missing: string[];
  exclude: string[];
}

export interface StoreStep {
  destination: DestinationName;
  host: string;
  tags: string[];
}

export interface BackupRequest {
  requestedBy: RequestedBy;
  dryRun: boolean;
  /** Only to these destinations. */
  only?: string[];
}

/** Makes the plan: a pure function of what is declared and what was found. */
export function planBackup(
  app: App,
  policy: Policy,
  destinations: DestinationDeclaration[],
  facts: Facts,
  request: BackupRequest,
): BackupPlan {
  const missing = app.paths.filter((path) => !facts.existing.has(path));
  const databases = app.databases.map((database): DatabaseStep => ({
    name: database.name,
    type: database.type,
    ...(app.export === undefined ? {} : { export: app.export }),
  }));
  return {
    app: app.name,
    device: app.device,
    requestedBy: request.requestedBy,
    dryRun: request.dryRun,
    before: app.hooks.before,
    window: { pin: databases },
    dumps: databases,
    files: {
      paths: app.paths.filter((path) => facts.existing.has(path)),
      missing,
      exclude: [...app.exclude, ...(facts.leaveOut.get(app.name) ?? [])],
    },
    stores: destinations.map((destination) => ({
      destination: destination.name,
      host: app.device,
      tags: tagsOf(app),
    })),
    after: app.hooks.after,
    problems: [
      ...missing.map((path) => problem("HF_PATH_MISSING", { path, app: app.name })),
      ...absentDestinations(app, policy, destinations, request),
    ],
    refusals: refusalsOf(app, policy, destinations, facts),
  };
}

/** A destination that the policy names but whose declaration could not be used: storing there has failed already. */
function absentDestinations(
  app: App,
  policy: Policy,
  destinations: DestinationDeclaration[],
  request: BackupRequest,
): Problem[] {
  const there = new Set(destinations.map(({ name }) => name));
  const wanted = policy.destinations.filter((name) => request.only === undefined || request.only.includes(name));
  return wanted
    .filter((name) => !there.has(name))
    .map((name) =>
      problem("HF_CONFIG_REFERENCE", {
        place: `policy ${policy.name} of ${app.name}`,
        kind: "destination",
        name,
        suggestion: "Its declaration has a mistake: `holdfast config check` shows it.",
      }),
    );
}

function refusalsOf(app: App, policy: Policy, destinations: DestinationDeclaration[], facts: Facts): Problem[] {
  const refusals: Problem[] = [];
  if (policy.destinations.length === 0 && app.export === undefined) {
    refusals.push(problem("HF_DESTINATION_NONE", { app: app.name }));
  }
  const exclude = [...app.exclude, ...(facts.leaveOut.get(app.name) ?? [])];
  for (const { name: destination } of destinations) {
    const lies = facts.localRepositories.get(destination);
    const path = lies === undefined ? undefined : app.paths.find((above) => isBelow(above, lies));
    if (path === undefined || lies === undefined || facts.excludes(exclude, lies)) continue;
    refusals.push(problem("HF_DESTINATION_INSIDE_SOURCE", { destination, path, app: app.name }));
  }
  return refusals;
}

/** The tags that do not depend on how the run goes. */
function tagsOf(app: App): string[] {
  const types = [
    ...(app.paths.length > 0 ? ["type:files"] : []),
    ...new Set(app.databases.map((database) => `type:${database.type}`)),
  ];
  return [...new Set(["holdfast", `app:${app.name}`, `service:${app.name}`, ...types, ...app.tags])];
}

/** Whether `path` is `above` or lies below it. */
export function isBelow(above: string, path: string): boolean {
  return path === above || path.startsWith(above.endsWith("/") ? above : `${above}/`);
}
