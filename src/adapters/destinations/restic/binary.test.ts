import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Executor } from "../../../base/process/command.ts";
import { childEnvironment } from "../../../base/process/environment.ts";
import { execute } from "../../../base/process/execute.ts";
import { atLeast, locateRestic, resticVersion } from "./binary.ts";

const here: Executor = {
  wrap: (command) => ({ argv: command.argv, env: childEnvironment(command.env) }),
  run: (command, io) => execute(here.wrap(command), io),
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that answers like that restic; the real ones are met in tests/destinations. */
function program(name: string, output: string, status = 0): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit ${status}\n`);
  chmodSync(path, 0o755);
  return path;
}

const json = (version: string): string => JSON.stringify({ message_type: "version", version, go_os: "linux" });

test("reads the version as JSON, and as text where --json is not known", async () => {
  expect(await resticVersion(program("new", `a notice\n${json("0.19.1")}`), here)).toBe("0.19.1");
  const text = "restic 0.14.0 compiled with go1.19.8 on linux/amd64";
  expect(await resticVersion(program("old", text), here)).toBe("0.14.0");
});

test("takes the first candidate that is new enough, and passes over those that are not there", async () => {
  const candidates = [join(folder, "nowhere"), program("old", json("0.16.5")), program("new", json("0.17.0"))];
  expect(await locateRestic(candidates, here)).toMatchObject({ path: join(folder, "new"), version: "0.17.0" });
});

test("names the newest of those that are too old", async () => {
  const candidates = [program("a", json("0.14.0")), program("b", json("0.16.5"))];
  await expect(locateRestic(candidates, here)).rejects.toMatchObject({
    code: "HF_RESTIC_TOO_OLD",
    problem: { params: { found: "0.16.5", path: join(folder, "b") } },
  });
});

test("says that there is none, and that a program is no restic", async () => {
  await expect(locateRestic([join(folder, "nowhere")], here)).rejects.toMatchObject({ code: "HF_RESTIC_MISSING" });
  await expect(resticVersion(program("other", "hello", 1), here)).rejects.toMatchObject({ code: "HF_PROGRAM_FAILED" });
});

test("compares versions by number", () => {
  expect(atLeast("0.17.0", "0.17.0")).toBe(true);
  expect(atLeast("0.9.6", "0.17.0")).toBe(false);
  expect(atLeast("1.0.0", "0.17.0")).toBe(true);
  expect(atLeast("0.19.0-dev (compiled manually)", "0.19.0")).toBe(true);
});
