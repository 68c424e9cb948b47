import { problem, type Problem } from "../../base/errors/error.ts";
import type { App, DumpExport, Hook, Policy } from "../app.ts";
import type { DestinationDeclaration } from "../destination.ts";
import type { AppName, DestinationName } from "../names.ts";
import type { RequestedBy } from "../run-state.ts";
import type { Facts } from "../facts.ts";
import { withinScope } from "../scope.ts";

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
  /** Destinations of the policy that are disabled: nothing is stored there. */
  disabled: DestinationName[];
  after: Hook[];
  /** What is wrong already and will be a result of the run, such as a destination that cannot be used. */
  problems: Problem[];
  /** What forbids the run altogether: nothing is captured then. */
  refusals: Problem[];
}

export interface DatabaseStep {
  name: string;
  type: string;
  /** Patterns for the database's own files: left out, unless the dump fails. */
  replaces: string[];
  export?: DumpExport;
}

export interface FilesStep {
  /** Paths that exist; of a link also what it leads to. */
  paths: string[];
  /** Paths that do not exist: a problem of the run, unless a before-hook brings them. */
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
  const enabled = destinations.filter((destination) => destination.enabled);
  const existing = app.paths.filter((path) => facts.existing.has(path)).flatMap((path) => withTarget(path, facts));
  const named = facts.named?.get(app.name) ?? { compose: [], env: [], folders: [] };
  const scoped = withinScope(app.scope, existing, named);
  const databases = app.databases.map((database): DatabaseStep => ({
    name: database.name,
    type: database.type,
    replaces: facts.replaced.get(app.name)?.get(database.name) ?? [],
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
      paths: scoped.paths,
      missing,
      exclude: [...app.exclude, ...scoped.exclude, ...(facts.leaveOut.get(app.name) ?? [])],
    },
    stores: enabled.map((destination) => ({
      destination: destination.name,
      host: app.device,
      tags: tagsOf(app),
    })),
    disabled: destinations.filter((destination) => !destination.enabled).map(({ name }) => name),
    after: app.hooks.after,
    problems: absentDestinations(app, policy, destinations, request),
    refusals: [
      ...askedButDisabled(destinations, request),
      ...[...(facts.own?.get(app.name) ?? [])].map(([path, reason]) => problem("HF_SOURCE_REFUSED", { path, reason })),
      ...refusalsOf(app.scope.volumes ? app : { ...app, paths: scoped.paths }, enabled, facts),
    ],
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

/** To leave a destination out unasked is right; one that was asked for by name must not look as if it had been stored to. */
function askedButDisabled(destinations: DestinationDeclaration[], { only }: BackupRequest): Problem[] {
  return destinations
    .filter(({ name, enabled }) => !enabled && only?.includes(name) === true)
    .map(({ name }) => problem("HF_DESTINATION_DISABLED", { destination: name }));
}

function refusalsOf(app: App, destinations: DestinationDeclaration[], facts: Facts): Problem[] {
  const refusals: Problem[] = [];
  if (destinations.length === 0 && app.export === undefined) {
    refusals.push(problem("HF_DESTINATION_NONE", { app: app.name }));
  }
  const exclude = [...app.exclude, ...(facts.leaveOut.get(app.name) ?? [])];
  for (const { name: destination } of destinations) {
    const lies = facts.localRepositories.get(destination);
    if (lies === undefined) continue;
    for (const path of app.paths) {
      const real = facts.real.get(path) ?? path;
      // Excludes are matched as the walk goes, from the path as it was declared.
      const seen = `${path}${lies.slice(real.length)}`;
      if (!isBelow(real, lies) || facts.excludes(exclude, seen)) continue;
      refusals.push(problem("HF_DESTINATION_INSIDE_SOURCE", { destination, path, app: app.name }));
      break;
    }
  }
  return refusals;
}

function withTarget(path: string, facts: Facts): string[] {
  const target = facts.links.get(path);
  return target === undefined ? [path] : [path, target];
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
