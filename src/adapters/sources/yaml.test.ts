import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { render } from "../../base/errors/error.ts";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { readConfig } from "./yaml.ts";

const text = z.string().min(1);
const kinds = {
  notifiers: [],
  databases: [
    {
      type: "postgres",
      spec: z
        .strictObject({
          host: text.optional(),
          port: z.int().max(65_535).optional(),
          database: text,
          password: secretRefSchema.optional(),
        })
        .transform((spec) => spec),
    },
    { type: "sqlite", spec: z.strictObject({ path: z.string().startsWith("/", "an absolute path") }) },
  ],
  destinations: [
    { type: "local", spec: z.strictObject({ path: z.string().startsWith("/", "an absolute path") }) },
    {
      type: "s3",
      spec: z.strictObject({ bucket: text, endpoint: text, access_key: secretRefSchema, secret_key: secretRefSchema }),
    },
  ],
};
const read = (yaml: string) => readConfig(yaml, "holdfast.yaml", { kinds, device: "box" });
const told = (yaml: string): string[] => read(yaml).problems.map((found) => render(found).message);
const hints = (yaml: string): string[] => read(yaml).problems.map((found) => render(found).hint);

describe("holdfast.yaml", () => {
  it("reads everything that can be declared", () => {
    const declared = read(`
destinations:
  nas: { type: local, path: /mnt/nas, upload_limit: 5MiB/s, append_only: true, password: { env: NAS_PASSWORD } }
policies:
  default: { schedule: "@daily", jitter: 30m, keep: { daily: 7 }, destinations: nas, skip_unchanged: false }
apps:
  immich:
    paths: [/srv/immich/, /srv/../srv/.env]
    exclude: "**/cache/**"
    include: "**/cache/keep/**"
    databases:
      - { type: postgres, database: immich, password: { file: /run/secrets/db } }
      - { type: sqlite, path: /srv/immich/my app.db }
    hooks: { before: ["echo hi", [touch, /tmp/x], { command: sleep 1, limit: 90s }] }
    tags: photos
    policy: default
`);
    expect(declared.problems).toEqual([]);
    expect(declared.destinations).toEqual([
      {
        name: "nas",
        type: "local",
        spec: { path: "/mnt/nas" },
        enabled: true,
        appendOnly: true,
        uploadKibPerSecond: 5120,
        password: { from: "env", variable: "NAS_PASSWORD" },
        origin: "holdfast.yaml",
      },
    ]);
    expect(declared.policies).toEqual([
      {
        name: "default",
        schedule: "0 0 * * *",
        jitterMs: 1_800_000,
        keep: { daily: 7 },
        destinations: ["nas"],
        skipUnchanged: false,
        origin: "holdfast.yaml",
      },
    ]);
    expect(declared.apps).toEqual([
      {
        name: "immich",
        origin: "holdfast.yaml",
        paths: ["/srv/immich", "/srv/.env"],
        exclude: ["**/cache/**", "!**/cache/keep/**"],
        databases: [
          {
            name: "immich",
            type: "postgres",
            spec: { database: "immich", password: { from: "file", path: "/run/secrets/db" } },
          },
          { name: "my-app.db", type: "sqlite", spec: { path: "/srv/immich/my app.db" } },
        ],
        hooks: {
          before: [
            { command: "echo hi", limitMs: 300_000 },
            { command: ["touch", "/tmp/x"], limitMs: 300_000 },
            { command: "sleep 1", limitMs: 90_000 },
          ],
          after: [],
        },
        tags: ["photos"],
        policy: "default",
      },
    ]);
  });

  it("takes an empty file for one that declares nothing", () => {
    expect(read("")).toMatchObject({ apps: [], problems: [] });
    expect(read("apps:\n# nothing yet\n")).toMatchObject({ apps: [], problems: [] });
  });

  it("names file, line, column, path, expected and found", () => {
    expect(told("apps:\n  immich:\n    paths:\n      - srv/immich\n")).toEqual([
      'holdfast.yaml:4:9 apps.immich.paths[0]: expected an absolute path, such as /srv/immich, found "srv/immich".',
    ]);
    expect(told("apps:\n  immich:\n    paths: 7\n")).toEqual([
      "holdfast.yaml:3:12 apps.immich.paths: expected text or a list, found 7.",
    ]);
  });

  it("leaves a bad entry out whole and reads all others", () => {
    const declared = read("apps:\n  bad: { paths: [x, y], tags: ['a,b'] }\n  good: { paths: /srv }\n  none: 5\n");
    expect(declared.apps.map(({ name }) => name)).toEqual(["good"]);
    expect(declared.problems).toHaveLength(4);
    expect(declared.leftOut).toEqual([
      { kind: "app", name: "bad" },
      { kind: "app", name: "none" },
    ]);
  });

  it("suggests the nearest known key", () => {
    expect(told("apps:\n  immich: { pathes: [/srv] }\n")).toEqual([
      'holdfast.yaml:2:13 apps.immich.pathes: expected a known key, found the unknown key "pathes".',
    ]);
    expect(hints("apps:\n  immich: { pathes: [/srv] }\n")).toEqual(["Did you mean paths?"]);
    expect(hints("app:\n  immich: {}\n")).toEqual(["Did you mean apps?"]);
    expect(hints("destinations:\n  nas: { type: local, path: /x, apend-only: true }\n")).toEqual([
      "Did you mean append_only?",
    ]);
    expect(hints("policies:\n  default: { keep: { dayly: 3 , last: 1 } }\n")).toEqual(["Did you mean daily?"]);
    expect(hints("apps:\n  x: { colour: red }\n")[0]).toContain("Known here are: paths, exclude");
  });

  it("shows the mistakes of the chosen type only, and lists the types it knows", () => {
    expect(
      told(
        "destinations:\n  b2: { type: s3, bucket: b, endpont: e, access_key: { env: A }, secret_key: { env: B } }\n",
      ),
    ).toEqual(['holdfast.yaml:2:30 destinations.b2.endpont: expected a known key, found the unknown key "endpont".']);
    expect(
      told("destinations:\n  b2: { type: s3, bucket: b, access_key: { env: A }, secret_key: { env: B } }\n"),
    ).toEqual(['holdfast.yaml:2:7 destinations.b2: expected the key "endpoint" (text), found none.']);
    expect(told("destinations:\n  nas: { type: locale, path: /x }\n")).toEqual([
      'holdfast.yaml:2:16 destinations.nas.type: expected one of local, s3, found "locale".',
    ]);
    expect(hints("destinations:\n  nas: { type: locale, path: /x }\n")).toEqual(["Did you mean local?"]);
    expect(told("destinations:\n  nas: { path: /x }\n")).toEqual([
      'holdfast.yaml:2:8 destinations.nas: expected the key "type" (one of local, s3), found none.',
    ]);
    expect(told("apps:\n  x:\n    databases:\n      - { type: sqlite, path: db }\n")).toEqual([
      'holdfast.yaml:4:31 apps.x.databases[0].path: expected an absolute path, found "db".',
    ]);
  });

  it("never shows a secret", () => {
    const mistakes = [
      "password: { env: $hunter2 }",
      "password: { file: hunter2 }",
      "password: [hunter2]",
      "password: { value: hunter2 }",
      "pasword: hunter2",
      "password: 'hunter2' junk hunter2",
      "password: *hunter2 ",
      'password: "hunter2\\q"',
      "password: @hunter2",
      "password: hunter2: x",
      "token: hunter2",
    ];
    for (const mistake of mistakes) {
      const messages = [
        ...told(`destinations:\n  nas:\n    type: local\n    path: /x\n    ${mistake}\n`),
        ...hints(`destinations:\n  nas:\n    type: local\n    path: /x\n    ${mistake}\n`),
      ];
      expect(messages.length).toBeGreaterThan(1);
      expect(messages.join("\n")).not.toContain("hunter2");
    }
    expect(JSON.stringify(read("destinations:\n  nas: { type: local, path: /x, password: hunter2 }\n"))).not.toContain(
      "hunter2",
    );
  });

  it("tells what a secret may be", () => {
    expect(told("destinations:\n  nas: { type: local, path: /x, password: 0123 }\n")).toEqual([
      "holdfast.yaml:2:43 destinations.nas.password: expected text or a map with env, file, command, found a number (not shown).",
    ]);
    expect(hints("destinations:\n  nas: { type: local, path: /x, password: 0123 }\n")[0]).toContain("quotes");
    expect(told("destinations:\n  nas: { type: local, path: /x, password: { envv: A } }\n")[0]).toContain(
      'the unknown key "envv"',
    );
  });

  it("tells where the YAML itself is wrong, in its own words", () => {
    expect(told("apps:\n\timmich: {}\n")[0]).toMatch(
      /^holdfast\.yaml:2:1: expected spaces for indentation, found a tab\.$/,
    );
    expect(told("apps: { immich: { paths: [/srv }\n")[0]).toMatch(/^holdfast\.yaml:\d+:\d+: expected /);
    expect(told("- a\n- b\n")[0]).toBe(
      "holdfast.yaml:1:1: expected a map with apps, policies, destinations, found something else.",
    );
    expect(told("apps: [a]\n")[0]).toBe(
      "holdfast.yaml:1:7 apps: expected a map: each app under its name, found something else.",
    );
  });

  it("leaves out what stands twice, and nothing else", () => {
    const declared = read(
      "apps:\n  a: { paths: /a }\n  b: { paths: /b }\n  a: { paths: /c }\n  c:\n    paths: /c\n    paths: /d\n",
    );
    expect(declared.apps.map(({ name }) => name)).toEqual(["b"]);
    expect(declared.problems).toHaveLength(2);
    expect(told("apps:\n  c:\n    paths: /c\n    paths: /d\n")).toEqual([
      'holdfast.yaml:4:5 apps.c.paths: expected each key once, found "paths" for the second time.',
    ]);
  });

  it("reads a section that stands twice, and says so", () => {
    const declared = read("apps:\n  a: { paths: /a }\napps:\n  b: { paths: /b }\n");
    expect(declared.apps.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(declared.problems).toHaveLength(1);
  });

  it("understands anchors and merge keys, and points into them", () => {
    const yaml = "apps:\n  a: &base\n    paths: /a\n    exclude: ['*.tmp']\n  b:\n    <<: *base\n    paths: /b\n";
    expect(read(yaml).problems).toEqual([]);
    expect(read(yaml).apps[1]).toMatchObject({ name: "b", paths: ["/b"], exclude: ["*.tmp"] });
    expect(told(yaml.replace("'*.tmp'", "7"))).toEqual([
      "holdfast.yaml:4:15 apps.a.exclude[0]: expected text, found 7.",
      "holdfast.yaml:4:15 apps.b.exclude[0]: expected text, found 7.",
    ]);
    expect(told("apps:\n  a: *gone\n")).toEqual([
      "holdfast.yaml:2:6 apps.a: expected aliases of anchors that stand above them, at most 100 times, found another alias.",
    ]);
  });

  it("refuses names that cannot become tags and folders", () => {
    expect(told("apps:\n  my app: { paths: /a }\n")[0]).toMatch(
      /^holdfast\.yaml:2:3 apps\.my app: expected a name of letters/,
    );
    expect(told("policies:\n  a@b: {}\n")).toHaveLength(1);
    expect(read("apps:\n  immich@nas: { paths: /a }\n").problems).toEqual([]);
  });

  it("refuses tags that Holdfast reads itself", () => {
    for (const tag of ["suspect", "partial", "app:immich", "run:1", "holdfast"]) {
      expect(told(`apps:\n  a: { paths: /a, tags: ["${tag}"] }\n`)).toHaveLength(1);
    }
  });

  it("wants each database of an app under a name of its own", () => {
    const two =
      "apps:\n  a:\n    databases:\n      - { type: postgres, database: x }\n      - { type: postgres, database: x, host: b";
    expect(told(`${two} }\n`)).toEqual([
      "holdfast.yaml:5:9 apps.a.databases[1]: expected a name of its own, found a second database named x.",
    ]);
    expect(told(`${two}, name: y }\n`)).toEqual([]);
  });

  it("hands on the names that apps and policies use, with their places", () => {
    expect(
      read("policies:\n  p: { destinations: [nas, b2] }\napps:\n  a: { paths: /a, policy: p }\n").references,
    ).toEqual([
      {
        place: "holdfast.yaml:2:23 policies.p.destinations[0]",
        by: { kind: "policy", name: "p" },
        to: { kind: "destination", name: "nas" },
      },
      {
        place: "holdfast.yaml:2:28 policies.p.destinations[1]",
        by: { kind: "policy", name: "p" },
        to: { kind: "destination", name: "b2" },
      },
      { place: "holdfast.yaml:4:27 apps.a.policy", by: { kind: "app", name: "a" }, to: { kind: "policy", name: "p" } },
    ]);
  });

  it("refuses a pattern for which restic would refuse the whole backup", () => {
    expect(told("apps:\n  a: { paths: /a, exclude: ['*.tmp', 'a['] }\n")).toEqual([
      'holdfast.yaml:2:38 apps.a.exclude[1]: expected a pattern that restic understands: each [ closed by a ], or written \\[, found "a[".',
    ]);
    expect(told("apps:\n  a: { paths: /a, include: '!x' }\n")).toHaveLength(1);
  });

  it("says that remote devices are not there yet", () => {
    expect(hints("devices:\n  nas: { ssh: root@nas }\n")).toEqual([expect.stringContaining("Devices over SSH")]);
    expect(read("apps:\n  a: { paths: /a, device: nas }\n  b: { paths: /b, device: box }\n")).toMatchObject({
      apps: [{ name: "b", device: "box" }],
      problems: [{ code: "HF_CONFIG_REFERENCE" }],
    });
  });

  it("explains a schedule, a duration and a retention that cannot be", () => {
    expect(told('policies:\n  p: { schedule: "0 25 * * *", jitter: 5 minutes, keep: { within: 3x } }\n')).toEqual([
      'holdfast.yaml:2:18 policies.p.schedule: expected a cron line such as "0 2 * * *": hour from 0 to 23, a list, a range or a step, found "0 25 * * *".',
      'holdfast.yaml:2:40 policies.p.jitter: expected a duration such as 90s, 5m, 1h30m or 2d, found "5 minutes".',
      'holdfast.yaml:2:67 policies.p.keep.within: expected a duration such as 1y6m14d12h, found "3x".',
    ]);
    expect(told("policies:\n  p: { keep: {} }\n")[0]).toContain("at least one rule that keeps something");
  });
});

describe("holdfast.yaml, as a rule", () => {
  it("reads the good entries whatever stands in another one", () => {
    const keys = [
      "paths",
      "exclude",
      "databases",
      "hooks",
      "tags",
      "policy",
      "type",
      "path",
      "password",
      "keep",
      "before",
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(null, 0, -1, true, "", "/srv", "sqlite", "local", "a,b"),
        fc.string(),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys, "__proto__", "x y"), tie("any"), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, value, value, (app, policy, destination) => {
        const declared = read(
          [
            `apps: { odd: ${JSON.stringify(app)}, good: { paths: /srv/good } }`,
            `policies: { odd: ${JSON.stringify(policy)}, good: { keep: { daily: 1 } } }`,
            `destinations: { odd: ${JSON.stringify(destination)}, good: { type: local, path: /mnt } }`,
          ].join("\n"),
        );
        for (const found of [declared.apps, declared.policies, declared.destinations]) {
          expect(found.map(({ name }): string => name)).toContain("good");
        }
        const used = [declared.apps, declared.policies, declared.destinations]
          .flat()
          .filter(({ name }) => name === "odd");
        expect(used.length + (declared.leftOut?.length ?? 0)).toBe(3);
        expect(declared.problems.length).toBeGreaterThanOrEqual(declared.leftOut?.length ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  it("answers any text with declarations or problems, and never throws", () => {
    const words = [
      "apps:",
      "a:",
      "paths:",
      "- ",
      "/srv",
      "{",
      "}",
      "[",
      "]",
      "*x",
      "&x ",
      "<<: *x",
      "\n",
      "\n  ",
      "\t",
      '"',
      "'",
      "#",
      "!!set",
      "|",
      "%",
      "? ",
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 30 }), (parts) => {
        const declared = read(parts.join(""));
        for (const found of declared.problems) expect(render(found).message).not.toMatch(/\{\w+\}: expected/);
      }),
      { numRuns: 1000 },
    );
  });
});
