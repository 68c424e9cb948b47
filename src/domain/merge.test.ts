import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppDeclaration, Declared, PolicyDeclaration } from "./declaration.ts";
import { problem } from "../base/errors/error.ts";
import { merge, type Ranked } from "./merge.ts";
import { appName, destinationName, policyName } from "./names.ts";

const defaults = { home: "/var/lib/holdfast", device: "box" };
const app = (name: string, fields: Partial<AppDeclaration> = {}): AppDeclaration => ({
  name: appName(name),
  origin: "a file",
  paths: [`/srv/${name}`],
  ...fields,
});
const policy = (name: string, fields: Partial<PolicyDeclaration> = {}): PolicyDeclaration => ({
  name: policyName(name),
  origin: "a file",
  ...fields,
});
const destination = (name: string, origin = "a file") => ({
  name: destinationName(name),
  type: "local",
  spec: { path: `/mnt/${name}` },
  enabled: true,
  appendOnly: false,
  origin,
});
const declared = (fields: Partial<Declared>): Declared => ({
  apps: [],
  policies: [],
  destinations: [],
  problems: [],
  ...fields,
});
const merged = (...sources: [number, Partial<Declared>][]) =>
  merge(
    sources.map(([rank, fields]): Ranked => ({ rank, declared: declared(fields) })),
    defaults,
  );

describe("merge", () => {
  it("gives the default policy and the embedded repository when nothing is declared", () => {
    const { policies, destinations, problems } = merged();
    expect(policies).toMatchObject([
      { name: "default", schedule: "0 2 * * *", jitterMs: 7_200_000, destinations: ["local"] },
    ]);
    expect(destinations).toMatchObject([
      { name: "local", type: "local", spec: { path: "/var/lib/holdfast/repository" } },
    ]);
    expect(problems).toEqual([]);
  });

  it("takes each field from the highest rank that has it, and never concatenates lists", () => {
    const { apps } = merged(
      [1, { apps: [app("immich", { paths: ["/low"], exclude: ["*.tmp"], origin: "environment" })] }],
      [2, { apps: [app("immich", { paths: ["/high"], origin: "holdfast.yaml" })] }],
    );
    expect(apps).toMatchObject([{ paths: ["/high"], exclude: ["*.tmp"], origin: "holdfast.yaml", policy: "default" }]);
  });

  it("names the same app on two devices by its device", () => {
    const { apps } = merged([1, { apps: [app("paperless")] }], [2, { apps: [app("paperless", { device: "nas" })] }]);
    expect(apps.map(({ name }) => name)).toEqual(["paperless@box", "paperless@nas"]);
  });

  it("fills in what a policy leaves out from the policy default", () => {
    const { policies } = merged([
      1,
      {
        policies: [policy("default", { keep: { daily: 30 } }), policy("media", { schedule: "0 4 * * 0" })],
        destinations: [destination("nas")],
      },
    ]);
    expect(policies[1]).toMatchObject({
      name: "media",
      schedule: "0 4 * * 0",
      keep: { daily: 30 },
      destinations: ["nas"],
    });
  });

  it("sends apps to all destinations of the highest rank only, so that a stray RESTIC_REPOSITORY is not joined in", () => {
    const stray = { destinations: [destination("restic", "environment")] };
    const file = { destinations: [destination("nas"), destination("b2")] };
    const { policies, destinations } = merged([1, stray], [2, file]);
    expect(policies[0]?.destinations).toEqual(["b2", "nas"]);
    expect(destinations.map(({ name }) => name)).toEqual(["b2", "nas"]);
    const used = merged(
      [1, { ...stray, policies: [policy("set", { destinations: [destinationName("restic")] })] }],
      [2, file],
    );
    expect(used.destinations.map(({ name }) => name)).toEqual(["b2", "nas", "restic"]);
  });

  it("takes a destination whole", () => {
    const { destinations } = merged(
      [1, { destinations: [{ ...destination("nas", "environment"), uploadKibPerSecond: 5 }] }],
      [2, { destinations: [destination("nas")] }],
    );
    expect(destinations).toEqual([destination("nas")]);
  });

  it("does not fall back to the embedded repository when the only destination has errors", () => {
    const { destinations, policies } = merged([
      1,
      { leftOut: [{ kind: "destination", name: "nas" }], apps: [app("immich")] },
    ]);
    expect(destinations).toEqual([]);
    expect(policies[0]?.destinations).toEqual(["nas"]);
  });

  it("never takes another retention in place of a policy with errors", () => {
    const { apps, policies, problems, leftOut } = merged([
      1,
      {
        leftOut: [{ kind: "policy", name: "default" }],
        apps: [app("immich"), app("media", { policy: policyName("own") })],
        policies: [policy("own", { keep: { last: 9 } }), policy("half")],
      },
    ]);
    expect(apps.map(({ name }) => name)).toEqual(["media"]);
    expect(policies.map(({ name }) => name)).toEqual(["own"]);
    expect(problems).toEqual([problem("HF_CONFIG_POLICY_LOST", { app: "immich", policy: "default" })]);
    expect(leftOut).toContainEqual({ kind: "app", name: "immich" });
  });

  it("reports a name that nobody declares, with its place, and leaves the app out", () => {
    const place = "holdfast.yaml:3:5 apps.immich.policy";
    const { apps, problems } = merged([
      1,
      {
        apps: [app("immich", { policy: policyName("weekly") }), app("mealie")],
        references: [{ place, by: { kind: "app", name: "immich" }, to: { kind: "policy", name: "weekly" } }],
      },
    ]);
    expect(apps.map(({ name }) => name)).toEqual(["mealie"]);
    expect(problems.map(({ code }) => code)).toEqual(["HF_CONFIG_REFERENCE", "HF_CONFIG_POLICY_LOST"]);
    expect(problems[0]?.params).toMatchObject({ place, kind: "policy", name: "weekly" });
  });

  it("finds a policy that another source declares", () => {
    const { problems } = merged(
      [
        2,
        {
          apps: [app("immich", { policy: policyName("set-photos") })],
          references: [{ place: "p", by: { kind: "app", name: "immich" }, to: { kind: "policy", name: "set-photos" } }],
        },
      ],
      [1, { policies: [policy("set-photos")] }],
    );
    expect(problems).toEqual([]);
  });

  it("leaves out an app of which nothing is declared that could be backed up", () => {
    const { apps, problems } = merged([1, { apps: [app("empty", { paths: [] })] }]);
    expect(apps).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(["HF_CONFIG_EMPTY_APP"]);
  });

  it("captures apps in their order, then by name", () => {
    const { apps } = merged([1, { apps: [app("b", { order: 1 }), app("z"), app("a", { order: 1 })] }]);
    expect(apps.map(({ name }) => name)).toEqual(["z", "a", "b"]);
  });

  it("takes each setting from the highest rank", () => {
    expect(
      merged([1, { settings: { dryRun: true, once: true } }], [2, { settings: { once: false } }]).settings,
    ).toEqual({ dryRun: true, once: false });
  });
});

const sourceOf = (origin: string) =>
  fc
    .record({
      apps: fc.uniqueArray(fc.constantFrom("immich", "mealie", "gitea", "vault"), { maxLength: 4 }),
      paths: fc.array(fc.constantFrom("/srv/a", "/srv/b"), { minLength: 1, maxLength: 2 }),
      tags: fc.option(fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }), { nil: undefined }),
      destinations: fc.uniqueArray(fc.constantFrom("nas", "b2"), { maxLength: 2 }),
      rank: fc.integer({ min: 0, max: 1 }),
      broken: fc.boolean(),
    })
    .map(({ apps, paths, tags, destinations, rank, broken }): Ranked => ({
      rank,
      declared: declared({
        apps: apps.map((name) => app(name, { paths, origin, ...(tags === undefined ? {} : { tags }) })),
        destinations: destinations.map((name) => destination(name, origin)),
        ...(broken
          ? {
              problems: [problem("HF_CONFIG_UNREADABLE", { path: origin, detail: "" })],
              leftOut: [{ kind: "app", name: "lost" }],
            }
          : {}),
      }),
    }));
const someSources = fc.tuple(sourceOf("one"), sourceOf("two"), sourceOf("three"));
const sorted = (list: readonly unknown[]): string[] => list.map((item) => JSON.stringify(item)).sort();

describe("merge, as a rule", () => {
  it("gives the same inventory in whatever order the sources come", () => {
    fc.assert(
      fc.property(someSources, ([one, two, three]) => {
        const here = merge([one, two, three], defaults);
        const there = merge([three, one, two], defaults);
        expect({ ...there, problems: sorted(there.problems) }).toEqual({ ...here, problems: sorted(here.problems) });
      }),
    );
  });

  it("reports every pair of one rank that declares the same app", () => {
    fc.assert(
      fc.property(someSources, (sources) => {
        const names = sources.flatMap(({ rank, declared }) => declared.apps.map(({ name }) => `${rank} ${name}`));
        const conflicts = merge(sources, defaults).problems.filter(
          ({ code, params }) => code === "HF_CONFIG_CONFLICT" && params["kind"] === "app",
        );
        expect(conflicts).toHaveLength(names.length - new Set(names).size);
      }),
    );
  });

  it("keeps every declared app, whatever else is broken", () => {
    fc.assert(
      fc.property(someSources, (sources) => {
        const names = new Set(sources.flatMap(({ declared }) => declared.apps.map(({ name }): string => name)));
        const { apps, problems } = merge(sources, defaults);
        expect(new Set(apps.map(({ name }): string => name))).toEqual(names);
        expect(problems.filter(({ code }) => code === "HF_CONFIG_UNREADABLE")).toHaveLength(
          sources.filter(({ declared }) => declared.problems.length > 0).length,
        );
      }),
    );
  });
});
