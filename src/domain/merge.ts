import { problem, type Problem } from "../base/errors/error.ts";
import { wholeScope, type App, type Policy } from "./app.ts";
import { defaultKeep } from "./atoms/keep.ts";
import { configured, fixedFields, type Configuration, type ConfigurationDeclaration } from "./configuration.ts";
import type { ApiDeclared, AppDeclaration, Declared, Inventory, LeftOut, Settings } from "./declaration.ts";
import type { DestinationDeclaration } from "./destination.ts";
import { appName, destinationName, policyName } from "./names.ts";
import { builtInOrigin as builtIn } from "./origin.ts";
import { setAside } from "./set-aside.ts";

/** A source's declarations and how much they count: the higher rank wins, field by field. */
export interface Ranked {
  rank: number;
  declared: Declared;
}

export interface Defaults {
  /** Holdfast's home: the embedded repository lies below it. */
  home: string;
  /** This device's name. */
  device: string;
  /** Backups lie in the embedded repository already: what the API declares is then added to it. */
  embeddedInUse?: boolean;
}

/** Below every source: what the API declared is merged with no field of theirs. */
const apiRank = Number.NEGATIVE_INFINITY;
const twoHoursMs = 2 * 3_600_000;

/**
 * Makes one inventory of what all sources declare. For the same thing the highest rank wins field by field; a list
 * counts as one field and is never concatenated. Two sources of one rank that declare the same thing are a problem, and
 * the origin that sorts first is used. Adds the policy `default` and, when no source names any destination, the embedded
 * repository `local`. What a policy leaves out comes from `default`. A destination of a lower rank that no policy names
 * is left away. The order of `sources` does not matter. What the API declared is added: a name of a source's own stays the
 * source's, and configurations fill what apps leave open.
 */
export function merge(sources: readonly Ranked[], defaults: Defaults, api?: ApiDeclared): Inventory {
  const aside = api === undefined ? undefined : setAside(sources, api);
  const below = aside === undefined ? [] : [{ rank: apiRank, declared: aside.declared }];
  const ranked = [...sources, ...below].sort((one, other) => other.rank - one.rank);
  const problems: Problem[] = [...ranked.flatMap(({ declared }) => declared.problems), ...(aside?.problems ?? [])];
  const leftOut = ranked.flatMap(({ declared }) => declared.leftOut ?? []);

  const destinations = mergeDestinations(ranked, leftOut, defaults, problems);
  const policies = mergePolicies(ranked, leftOut, destinations.usual, problems);
  const apps = nameByDevice(
    groups(
      "app",
      entries(ranked, ({ apps }) => apps),
      problems,
      (app) => JSON.stringify([app.name, app.device ?? defaults.device]),
    ).map((group) => completeApp(overlay(group), defaults)),
    problems,
  ).map((app) => configure(app, api?.configurations ?? []));
  checkReferences(ranked, { policies, destinations: destinations.all, leftOut }, problems);

  // Such as RESTIC_REPOSITORY in the shell of someone whose file has destinations of its own: not ours to prune.
  const named = new Set([...destinations.usual, ...policies.flatMap((policy): string[] => policy.destinations)]);

  const usable = apps
    .filter(({ app }) => isUsable(app, policies, leftOut, problems))
    .sort(({ app: one }, { app: other }) => one.order - other.order || compare(one.name, other.name));
  return {
    apps: usable.map(({ app }) => app),
    policies,
    configurations: usable.map(({ configuration }) => configuration),
    destinations: destinations.all.filter(({ name }) => named.has(name)),
    notifications: groups(
      "notification",
      entries(ranked, ({ notifications }) => notifications ?? []),
      problems,
    ).map(([winner]) => winner),
    problems,
    leftOut,
    settings: mergeSettings(ranked),
  };
}

interface Named {
  name: string;
  origin: string;
}

interface Entry<Item> {
  rank: number;
  item: Item;
}

function entries<Item>(ranked: readonly Ranked[], of: (declared: Declared) => readonly Item[]): Entry<Item>[] {
  return ranked.flatMap(({ rank, declared }) => of(declared).map((item) => ({ rank, item })));
}

/** What is declared of each thing, the winner first. Two of one rank are a problem. */
function groups<Item extends Named>(
  kind: string,
  found: readonly Entry<Item>[],
  problems: Problem[],
  keyOf: (item: Item) => string = (item) => item.name,
): [Item, ...Item[]][] {
  const byKey = new Map<string, Entry<Item>[]>();
  for (const entry of found) byKey.set(keyOf(entry.item), [...(byKey.get(keyOf(entry.item)) ?? []), entry]);
  const sorted: [Item, ...Item[]][] = [];
  for (const group of byKey.values()) {
    group.sort((one, other) => other.rank - one.rank || compare(one.item.origin, other.item.origin));
    for (const [index, { rank, item }] of group.entries()) {
      const above = group[index - 1];
      if (above?.rank !== rank) continue;
      problems.push(conflict(kind, above.item, item));
    }
    const [first, ...rest] = group.map(({ item }) => item);
    if (first !== undefined) sorted.push([first, ...rest]);
  }
  return sorted.sort(([one], [other]) => compare(one.name, other.name));
}

/** Each field from the first that has it. */
function overlay<Item extends object>([first, ...rest]: [Item, ...Item[]]): Item {
  return rest.reduce((above, below) => ({ ...withoutUndefined(below), ...withoutUndefined(above) }), first);
}

function withoutUndefined<Item extends object>(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as Item;
}

interface Destinations {
  all: DestinationDeclaration[];
  /** Where apps go whose policy names no destination: all of the highest rank that declares any. */
  usual: string[];
}

function mergeDestinations(
  ranked: readonly Ranked[],
  leftOut: readonly LeftOut[],
  defaults: Defaults,
  problems: Problem[],
): Destinations {
  const found = entries(ranked, (declared) => declared.destinations);
  // A destination is taken whole: half of one place and half of another would be a third that nobody meant.
  const all = groups("destination", found, problems).map(([winner]) => winner);
  const lost = leftOut.filter(({ kind }) => kind === "destination");
  const theirs = ranked.filter(({ rank }) => rank !== apiRank).flatMap(({ declared }) => destinationNames(declared));
  const added = ranked.filter(({ rank }) => rank === apiRank).flatMap(({ declared }) => destinationNames(declared));
  // Whoever adds a destination through the API means another one: the backups so far are not left behind.
  const embedded = theirs.length === 0 && defaults.embeddedInUse === true && !added.includes("local");
  if (embedded || (all.length === 0 && lost.length === 0)) {
    const spec = { path: `${defaults.home}/repository` };
    all.push({
      name: destinationName("local"),
      type: "local",
      spec,
      enabled: true,
      appendOnly: false,
      origin: builtIn,
    });
    return { all: all.sort((one, other) => compare(one.name, other.name)), usual: [...added, "local"].sort(compare) };
  }
  const named = ranked.map(({ rank, declared }) => ({ rank, names: destinationNames(declared) }));
  const highest = Math.max(...named.filter(({ names }) => names.length > 0).map(({ rank }) => rank));
  // One of the API's was made for Holdfast on purpose, unlike a variable that happens to be set: it is always meant.
  const usual = named.filter(({ rank }) => rank === highest || rank === apiRank).flatMap(({ names }) => names);
  return { all, usual: [...new Set(usual)].sort(compare) };
}

/** Also those left out: a backup that misses a destination must not look complete. */
function destinationNames(declared: Declared): string[] {
  const lost = (declared.leftOut ?? []).filter(({ kind }) => kind === "destination").map(({ name }) => name);
  return [...declared.destinations.map(({ name }): string => name), ...lost];
}

function mergePolicies(
  ranked: readonly Ranked[],
  leftOut: readonly LeftOut[],
  usual: readonly string[],
  problems: Problem[],
): Policy[] {
  const declared = groups(
    "policy",
    entries(ranked, ({ policies }) => policies),
    problems,
  ).map(overlay);
  const base: Policy = {
    name: policyName("default"),
    enabled: true,
    blackout: [],
    schedule: "0 2 * * *",
    jitterMs: twoHoursMs,
    keep: defaultKeep,
    destinations: usual.map(destinationName),
    skipUnchanged: true,
    origin: builtIn,
    ...declared.find(({ name }) => name === "default"),
  };
  const others = declared.filter(({ name }) => name !== "default");
  const broken = base.origin === builtIn && leftOut.some(({ kind, name }) => kind === "policy" && name === "default");
  if (!broken) return [base, ...others.map((policy) => ({ ...base, ...policy }))];
  // What `default` was to keep is not known: only a policy that says itself what it keeps can be used.
  return others.filter(({ keep }) => keep !== undefined).map((policy) => ({ ...base, ...policy }));
}

/** An app and what its source says of it. */
interface Completed {
  name: string;
  origin: string;
  app: App;
  fixed: Configuration["fixed"];
}

function completeApp(app: AppDeclaration, defaults: Defaults): Completed {
  return { name: app.name, origin: app.origin, app: wholeApp(app, defaults), fixed: fixedFields(app) };
}

function configure(
  { app, fixed }: Completed,
  configurations: readonly ConfigurationDeclaration[],
): { app: App; configuration: Configuration } {
  const set = configurations.find((one) => one.app === app.name);
  const configuration: Configuration = { app: app.name, fixed, ...(set === undefined ? {} : { set }) };
  return { app: configured(app, configuration), configuration };
}

function wholeApp(app: AppDeclaration, defaults: Defaults): App {
  return {
    device: defaults.device,
    paths: [],
    exclude: [],
    databases: [],
    hooks: { before: [], after: [] },
    tags: [],
    policy: policyName("default"),
    order: 0,
    enabled: true,
    scope: wholeScope,
    ...app,
  };
}

/** The same name on two devices becomes NAME@DEVICE on both; a name that is then taken twice is a problem. */
function nameByDevice(apps: readonly Completed[], problems: Problem[]): Completed[] {
  const count = new Map<string, number>();
  for (const { name } of apps) count.set(name, (count.get(name) ?? 0) + 1);
  const named = apps.map((one): Completed => {
    if (count.get(one.name) === 1) return one;
    const name = appName(`${one.name}@${one.app.device}`);
    return { ...one, name, app: { ...one.app, name } };
  });
  const taken = new Map<string, Completed>();
  for (const app of named.sort((one, other) => compare(one.name, other.name) || compare(one.origin, other.origin))) {
    const first = taken.get(app.name);
    if (first === undefined) taken.set(app.name, app);
    else problems.push(conflict("app", first, app));
  }
  return [...taken.values()];
}

function conflict(kind: string, first: Named, second: Named): Problem {
  return problem("HF_CONFIG_CONFLICT", { kind, name: second.name, first: first.origin, second: second.origin });
}

interface Known {
  policies: readonly Policy[];
  destinations: readonly DestinationDeclaration[];
  leftOut: LeftOut[];
}

/** Reports names of things that no source declares. What was declared but left out has told its own problem. */
function checkReferences(ranked: readonly Ranked[], known: Known, problems: Problem[]): void {
  for (const { place, to } of ranked.flatMap(({ declared }) => declared.references ?? [])) {
    const names = (to.kind === "policy" ? known.policies : known.destinations).map(({ name }): string => name);
    const lost = known.leftOut.some(({ kind, name }) => kind === to.kind && name === to.name);
    if (names.includes(to.name) || lost) continue;
    const list = names.length === 0 ? "none is declared" : `declared are: ${names.join(", ")}`;
    const suggestion = `Declare it, or correct the name; ${list}.`;
    problems.push(problem("HF_CONFIG_REFERENCE", { place, kind: to.kind, name: to.name, suggestion }));
    // Only once as left out, however often it is named.
    known.leftOut.push({ kind: to.kind, name: to.name });
  }
}

function isUsable(app: App, policies: readonly Policy[], leftOut: LeftOut[], problems: Problem[]): boolean {
  const empty = app.paths.length === 0 && app.databases.length === 0;
  const lost = !policies.some(({ name }) => name === app.policy);
  // What its configuration was to say is not known: another policy might keep fewer snapshots.
  const broken = leftOut.some(({ kind, name }) => kind === "configuration" && name === app.name);
  if (empty) problems.push(problem("HF_CONFIG_EMPTY_APP", { app: app.name, origin: app.origin }));
  else if (lost) problems.push(problem("HF_CONFIG_POLICY_LOST", { app: app.name, policy: app.policy }));
  if (empty || lost || broken) leftOut.push({ kind: "app", name: app.name });
  return !empty && !lost && !broken;
}

function mergeSettings(ranked: readonly Ranked[]): Settings {
  return ranked.reduce<Settings>((above, { declared }) => ({ ...declared.settings, ...above }), {});
}

/** By code units, so that the order is the same on every machine. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
