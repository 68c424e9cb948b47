import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./build.mjs";
import { installDebianPackages, mayInstallPackages } from "./debian.mjs";
import { Failed, quietly, step, tail } from "./steps.mjs";

/** The folder of this checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const at = (...names) => join(root, ...names);
const installedStamp = at("node_modules", ".package-lock.json");
const builtStamp = at("dist", ".built");
const compilers = ["g++", "make", "python3"];

/** Installs the npm packages of the lockfile when they are missing, older than it, or built for another Node. */
export async function ensurePackages() {
  const missing = !existsSync(installedStamp) || changed(at("package-lock.json")) > changed(installedStamp);
  if (missing) await step("Installing npm packages", () => npm(["ci", "--include=dev", "--no-fund", "--no-audit"]));
  if (!(await driverLoads()))
    await step("Building the SQLite driver for this Node", () => npm(["rebuild", "better-sqlite3"]));
  if (!(await driverLoads()))
    throw new Failed(
      `The SQLite driver does not load on Node ${process.versions.node}. Remove node_modules and run the same command again.`,
    );
}

/** Builds dist/ when it is missing or older than what it is made of. */
export async function ensureBuilt() {
  const made = ["tsconfig.json", "tsconfig.build.json", "scripts/support/build.mjs"].map((name) => changed(at(name)));
  const sources = Math.max(newest(at("src")), ...made);
  if (existsSync(builtStamp) && changed(builtStamp) >= sources && changed(builtStamp) >= changed(installedStamp))
    return;
  await step("Building", build);
}

/** Compiles src/ with tsc into build/, and makes the program in dist/ of that. */
export async function build() {
  const began = new Date();
  const { code, output } = await quietly(
    process.execPath,
    [at("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
    { cwd: root },
  );
  if (code !== 0) throw new Failed(`src/ does not compile:\n${tail(output)}`);
  await bundle(root);
  writeFileSync(builtStamp, `${began.toISOString()}\n`);
  utimesSync(builtStamp, began, began);
}

/** better-sqlite3 comes ready made for most machines; where it has to be compiled, the compiler may be missing. */
async function npm(args) {
  const run = () => quietly("npm", args, { cwd: root, env: headers() });
  let result = await run();
  const absent = (
    await Promise.all(compilers.map(async (name) => ((await quietly(name, ["--version"])).code === 0 ? [] : [name])))
  ).flat();
  const lacksCompiler = result.code !== 0 && absent.length > 0 && /better-sqlite3|gyp/.test(result.output);
  if (lacksCompiler && mayInstallPackages()) {
    await installDebianPackages(compilers);
    result = await run();
  } else if (lacksCompiler) {
    throw new Failed(
      `The SQLite driver has to be compiled here, but these are missing: ${absent.join(", ")}. Install ${compilers.join(", ")} and run the same command again.`,
    );
  }
  if (result.code !== 0) throw new Failed(`npm ${args[0]} failed:\n${causeIn(result.output)}`);
}

/** npm tells the cause first, and its help and where its log lies after that. */
function causeIn(output) {
  const told = output.split("\n").filter((line) => /^npm error .*\S|gyp ERR!/.test(line));
  return told.length === 0 ? tail(output) : told.slice(0, 15).join("\n");
}

/** Where Node's own headers are installed beside it, compiling needs no download of them. */
export function headers() {
  const prefix = dirname(dirname(process.execPath));
  const npmsNode = join(prefix, "node_modules", `node-${process.platform}-${process.arch}`);
  const found = [prefix, npmsNode].find((folder) => existsSync(join(folder, "include", "node", "node.h")));
  return found === undefined ? {} : { npm_config_nodedir: found };
}

async function driverLoads() {
  const open = 'new (require("better-sqlite3"))(":memory:").close()';
  return (await quietly(process.execPath, ["-e", open], { cwd: root })).code === 0;
}

function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** The time of the newest file or folder below: a folder's own time tells of files that were removed. */
function newest(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(changed(folder), ...names.map((entry) => changed(join(entry.parentPath, entry.name))));
}
