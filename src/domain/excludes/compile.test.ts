import { describe, expect, it } from "vitest";
import { isFailure } from "../../base/errors/error.ts";
import { compile } from "./compile.ts";

/** tests/excludes holds the whole language against the real restic; here is what people write most. */
describe("compile", () => {
  it.each<[string, string, boolean]>([
    ["*.log", "/srv/app/x.log", true],
    ["*.log", "/srv/app/x.LOG", false],
    ["cache", "/srv/cache/deep/file", true],
    ["**/cache/**", "/srv/app/cache", true],
    ["/srv/*/tmp", "/srv/app/tmp/file", true],
    ["/srv/*/tmp", "/data/srv/app/tmp", false],
    ["app/tmp/", "/srv/app/tmp", true],
    ["/srv/**/x", "/srv/x", true],
    ["?", "/srv/ü", true],
    ["?", "/srv/\udcff", true],
    ["[!a]", "/srv/!", true],
    ["", "/srv/app", false],
  ])("%j on %j: %j", (pattern, path, excluded) => {
    expect(compile([pattern])(path)).toBe(excluded);
  });

  it("lets the last pattern that matches decide", () => {
    const excluded = compile(["*.log", "!keep.log", "/srv/old/*"]);
    expect(["/srv/a.log", "/srv/keep.log", "/srv/old/keep.log"].map(excluded)).toEqual([true, false, true]);
  });

  it("does not slow down on many stars", () => {
    const excluded = compile(["*a*a*a*a*a*a*a*a*a*a*b"]);
    expect(excluded(`/srv/${"a".repeat(200)}`)).toBe(false);
  });

  it("names a pattern that restic would refuse", () => {
    let thrown: unknown;
    try {
      compile(["fine", "half[open"]);
    } catch (error) {
      thrown = error;
    }
    expect(isFailure(thrown, "HF_CONFIG_INVALID")).toBe(true);
    expect(String(thrown)).toContain('"half[open"');
  });
});
