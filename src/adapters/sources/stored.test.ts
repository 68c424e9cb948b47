import { describe, expect, it } from "vitest";
import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { storedSource, type StoredRow } from "./stored.ts";
import { readConfig } from "./yaml.ts";

const kinds = {
  databases: [{ type: "sqlite", spec: z.strictObject({ path: z.string() }) }],
  destinations: [{ type: "s3", spec: z.strictObject({ bucket: z.string(), secret_key: secretRefSchema }) }],
  notifiers: [],
};
const row = (kind: string, name: string, body: unknown): StoredRow => ({ kind, name, body: JSON.stringify(body) });
const read = (...rows: StoredRow[]) => storedSource({ kinds, device: "box" }).read(rows);

const s3 = { type: "s3", bucket: "b", secret_key: { sealed: "destination:b2:secret_key" } };

describe("what the API declared", () => {
  it("is read by the schemas of the file, its secrets as references to what is sealed", () => {
    const declared = read(
      row("destination", "Backblaze B2", s3),
      row("policy", "weekly", { schedule: "@weekly", keep: { daily: 2 }, destinations: ["Backblaze B2"] }),
      row("app", "shop", { paths: "/srv/shop/", policy: "weekly" }),
      row("configuration", "shop", { policy: "weekly", backup_env: false, include_paths: ["/a/", "/a"] }),
    );
    expect(declared).toMatchObject({
      destinations: [
        {
          name: "Backblaze B2",
          origin: "API",
          spec: { secret_key: { from: "sealed", name: "destination:b2:secret_key" } },
        },
      ],
      policies: [{ name: "weekly", schedule: "0 0 * * 0", keep: { daily: 2 } }],
      apps: [{ name: "shop", paths: ["/srv/shop"] }],
      configurations: [{ app: "shop", policy: "weekly", scope: { env: false }, includePaths: ["/a"] }],
      problems: [],
      leftOut: [],
    });
    expect(declared.references?.map(({ by, to }) => [by.kind, to.name])).toEqual([
      ["policy", "Backblaze B2"],
      ["app", "weekly"],
      ["configuration", "weekly"],
    ]);
  });

  it("loses only the rows that are wrong, each with a problem that says which", () => {
    const declared = read(
      { kind: "app", name: "torn", body: "{" },
      row("app", "../shop", { paths: ["/srv"] }),
      row("policy", "often", { schedule: "often" }),
      row("configuration", "shop", { enabled: "no" }),
      row("planet", "mars", {}),
      row("app", "good", { paths: ["/srv/good"] }),
    );
    expect(declared.apps.map(({ name }) => name)).toEqual(["good"]);
    expect(declared.problems.map(({ code, params }) => [code, params["place"]])).toEqual([
      ["HF_CONFIG_INVALID", "app torn of the API"],
      ["HF_CONFIG_INVALID", "app ../shop of the API"],
      ["HF_CONFIG_INVALID", "policy often of the API: schedule"],
      ["HF_CONFIG_INVALID", "configuration shop of the API: enabled"],
      ["HF_CONFIG_INVALID", "planet mars of the API"],
    ]);
    expect(declared.leftOut).toEqual([
      { kind: "app", name: "torn" },
      { kind: "app", name: "../shop" },
      { kind: "policy", name: "often" },
      { kind: "configuration", name: "shop" },
    ]);
  });

  it("is read anew where it changed", () => {
    const source = storedSource({ kinds, device: "box" });
    const before = source.read([row("app", "a", { paths: ["/a"] }), row("app", "b", { paths: ["/b"] })]);
    const after = source.read([row("app", "a", { paths: ["/other"] }), row("app", "b", { paths: ["/b"] })]);
    expect(after.apps[0]?.paths).toEqual(["/other"]);
    expect(after.apps[1]).toBe(before.apps[1]);
    expect(source.read([]).apps).toEqual([]);
  });
});

describe("a file", () => {
  it("cannot name what is sealed", () => {
    const yaml = 'destinations: { b2: { type: s3, bucket: b, secret_key: { sealed: "repository:nas" } } }';
    const declared = readConfig(yaml, "holdfast.yaml", { kinds, device: "box" });
    expect(declared.destinations).toEqual([]);
    expect(declared.problems).toMatchObject([{ code: "HF_CONFIG_INVALID" }]);
  });
});
