import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { suiteFolder, testFolder } from "../support/folders.ts";
import { holdfast } from "../support/holdfast.ts";

const folder = suiteFolder();
const program = (): string => join(folder(), "prefix", "bin", "holdfast");

beforeAll(async () => {
  // The setup has compiled dist/ already; packing must not do it again under the other tests' feet.
  await npm(["pack", "--ignore-scripts", "--pack-destination", folder()], process.cwd());
  const tarball = (await readdir(folder())).find((name) => name.endsWith(".tgz")) ?? "";
  await npm(
    ["install", "--global", "--prefix", join(folder(), "prefix"), "--prefer-offline", join(folder(), tarball)],
    folder(),
  );
}, 600_000);

test("holdfast installed from its tarball tells its version", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const { stdout, stderr, code } = await holdfast(["--version"], { home: testFolder(), program: program() });
  expect({ code, stdout: stdout.trim(), stderr }).toEqual({ code: 0, stdout: version, stderr: "" });
});

test("it backs up a folder without the checkout", async () => {
  const home = testFolder();
  const folder = testFolder();
  const photos = join(folder, "photos");
  const repository = join(folder, "repository");
  await mkdir(photos);
  await writeFile(join(photos, "one.jpg"), "not really a photo");
  await writeFile(
    join(folder, "holdfast.yaml"),
    [
      "destinations:",
      `  disk: { type: local, path: ${repository} }`,
      "apps:",
      `  photos: { paths: [${photos}] }`,
      "",
    ].join("\n"),
  );
  const { code, stdout, stderr } = await holdfast(["backup"], { home, cwd: folder, program: program() });
  expect({ code, output: stdout + stderr }).toMatchObject({ code: 0 });
  expect(await readdir(join(repository, "snapshots"))).toHaveLength(1);
});

test("the tarball holds what runs and what people read, and nothing else of the checkout", async () => {
  const installed = join(folder(), "prefix", "lib", "node_modules", "holdfast");
  const tops = (await readdir(installed)).filter((name) => name !== "node_modules");
  const allowed = ["CHANGELOG.md", "LICENSE", "README.md", "bin", "dist", "docs", "examples", "package.json"];
  expect(tops.filter((name) => !allowed.includes(name))).toEqual([]);
  expect(tops).toEqual(expect.arrayContaining(["LICENSE", "bin", "dist", "package.json"]));
});

/** The environment of `npm test` says where Node's headers lie, should the driver have to be compiled. */
async function npm(args: string[], cwd: string): Promise<void> {
  await promisify(execFile)("npm", [...args, "--no-fund", "--no-audit"], { cwd });
}
