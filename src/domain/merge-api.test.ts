import { describe, expect, it } from "vitest";
import type { ApiDeclared, AppDeclaration, Declared } from "./declaration.ts";
import { merge, type Defaults, type Ranked } from "./merge.ts";
import { appName, destinationName, policyName } from "./names.ts";

const defaults: Defaults = { home: "/var/lib/holdfast", device: "box" };
const app = (name: string, origin: string, fields: Partial<AppDeclaration> = {}): AppDeclaration => ({
  name: appName(name),
  origin,
  paths: [`/srv/${name}`],
  ...fields,
});
const destination = (name: string, origin: string) => ({
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
const file = (fields: Partial<Declared>): Ranked => ({ rank: 2, declared: declared(fields) });
const environment = (fields: Partial<Declared>): Ranked => ({ rank: 1, declared: declared(fields) });
const api = (fields: Partial<ApiDeclared>): ApiDeclared => ({ ...declared(fields), configurations: [], ...fields });

describe("what the API declared beside a file", () => {
  it("is used by policies that name no destinations, together with the file's", () => {
    const { policies, destinations } = merge(
      [
        file({ destinations: [destination("nas", "file")] }),
        environment({ destinations: [destination("restic", "env")] }),
      ],
      defaults,
      api({ destinations: [destination("b2", "API")] }),
    );
    expect(policies[0]?.destinations).toEqual(["b2", "nas"]);
    expect(destinations.map(({ name }) => name)).toEqual(["b2", "nas"]);
  });

  it("is left aside whole where a source declares the name, or tried to", () => {
    const { apps, policies, destinations, problems, leftOut } = merge(
      [
        file({
          apps: [app("shop", "file")],
          policies: [{ name: policyName("weekly"), origin: "file" }],
          leftOut: [{ kind: "destination", name: "nas" }],
        }),
      ],
      defaults,
      api({
        apps: [app("shop", "API", { exclude: ["*.log"], tags: ["api"] })],
        policies: [{ name: policyName("weekly"), origin: "API", keep: { last: 1 } }],
        destinations: [destination("nas", "API"), destination("b2", "API")],
      }),
    );
    expect(apps).toMatchObject([{ origin: "file", exclude: [], tags: [] }]);
    expect(policies.find(({ name }) => name === "weekly")?.keep).not.toEqual({ last: 1 });
    expect(destinations.map(({ name }) => name)).toEqual(["b2"]);
    // A backup that misses the file's own must not look complete.
    expect(policies[0]?.destinations).toEqual(["b2", "nas"]);
    expect(problems.map(({ code, params }) => [code, params["kind"], params["origin"]])).toEqual([
      ["HF_DECLARED_TWICE", "app", "file"],
      ["HF_DECLARED_TWICE", "policy", "file"],
      ["HF_DECLARED_TWICE", "destination", "a file with a mistake"],
    ]);
    expect(leftOut).toEqual([{ kind: "destination", name: "nas" }]);
  });

  it("keeps the embedded repository that is in use, unless it declares one of its name or a file declares any", () => {
    const names = (sources: Ranked[], theirs: string[], embeddedInUse: boolean): string[] =>
      merge(
        sources,
        { ...defaults, embeddedInUse },
        api({ destinations: theirs.map((name) => destination(name, "API")) }),
      ).destinations.map(({ name, origin }) => `${name} ${origin}`);
    expect(names([], ["nas"], true)).toEqual(["local built in", "nas API"]);
    expect(names([], ["nas"], false)).toEqual(["nas API"]);
    expect(names([], ["local"], true)).toEqual(["local API"]);
    expect(names([file({ destinations: [destination("usb", "file")] })], ["nas"], true)).toEqual([
      "nas API",
      "usb file",
    ]);
  });
});

describe("a configuration", () => {
  it("fills what the app's source leaves open, and nothing else", () => {
    const set = {
      app: appName("shop"),
      policy: policyName("weekly"),
      includePaths: ["/more", "/srv/shop"],
      excludePaths: ["*.tmp"],
      scope: { env: false },
      enabled: false,
    };
    const weekly = { name: policyName("weekly"), origin: "API" };
    const { apps, configurations } = merge(
      [file({ apps: [app("shop", "file", { exclude: ["*.log"] })] })],
      defaults,
      api({ policies: [weekly], configurations: [set] }),
    );
    expect(apps).toMatchObject([
      {
        paths: ["/srv/shop", "/more"],
        exclude: ["*.log"],
        policy: "weekly",
        scope: { volumes: true, compose: true, env: false },
        enabled: false,
      },
    ]);
    expect(configurations).toEqual([{ app: "shop", fixed: ["exclude"], set }]);
  });

  it("of an app that is not there is nothing, and one that cannot be read leaves its app out", () => {
    const { apps, configurations, leftOut } = merge(
      [file({ apps: [app("shop", "file"), app("blog", "file")] })],
      defaults,
      api({
        configurations: [{ app: appName("gone"), enabled: false }],
        leftOut: [{ kind: "configuration", name: "shop" }],
      }),
    );
    expect(apps.map(({ name }) => name)).toEqual(["blog"]);
    expect(configurations).toEqual([{ app: "blog", fixed: [] }]);
    expect(leftOut).toContainEqual({ kind: "app", name: "shop" });
  });
});
