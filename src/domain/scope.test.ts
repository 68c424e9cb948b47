import { describe, expect, it } from "vitest";
import { compile } from "./excludes/compile.ts";
import { scopeOfName, withinScope, type NamedFiles } from "./scope.ts";

const found: NamedFiles = {
  compose: ["/srv/app/compose.yaml"],
  env: ["/srv/app/.env", "/srv/app/db/db.env"],
  folders: ["/srv/app/venv/.env"],
};
const whole = { volumes: true, compose: true, env: true };

describe("what a file is by its name", () => {
  it.each([
    ["/a/compose.yml", "compose"],
    ["/a/compose.override.yaml", "compose"],
    ["/a/docker-compose.prod.yml", "compose"],
    ["/a/.env", "env"],
    ["/a/.env.local", "env"],
    ["/a/db.env", "env"],
    ["/a/my-compose.yml", undefined],
    ["/a/environment", undefined],
    ["/a/compose.yaml/file", undefined],
  ])("%s is %s", (path, expected) => {
    expect(scopeOfName(path)).toBe(expected);
  });
});

describe("a scope", () => {
  it("that is whole changes nothing", () => {
    expect(withinScope(whole, ["/srv/app"], found)).toEqual({ paths: ["/srv/app"], exclude: [] });
  });

  it("without env files leaves out those, also one that comes later, and no folder of such a name", () => {
    const { paths, exclude } = withinScope({ ...whole, env: false }, ["/srv/app", "/srv/app/.env"], found);
    expect(paths).toEqual(["/srv/app"]);
    const excluded = compile(exclude);
    for (const path of [...found.env, "/srv/app/new.env"]) expect(excluded(path), path).toBe(true);
    for (const path of [...found.compose, ...found.folders, "/srv/app/venv/.env/lib", "/srv/app/data"]) {
      expect(excluded(path), path).toBe(false);
    }
  });

  it("without volumes is the Compose and env files alone, as far as they are wanted", () => {
    const narrow = (compose: boolean, env: boolean) =>
      withinScope({ volumes: false, compose, env }, ["/srv/app"], found).paths;
    expect(narrow(true, true)).toEqual([...found.compose, ...found.env]);
    expect(narrow(true, false)).toEqual(found.compose);
    expect(narrow(false, false)).toEqual([]);
  });
});
