import "./support/node-version.mjs";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, root } from "./support/checkout.mjs";
import { installDebianPackages } from "./support/debian.mjs";
import { inRunFolder } from "./support/run-folder.mjs";
import { Failed, main, openly, quietly, tail } from "./support/steps.mjs";

/** Compiled code lies where it still finds the npm packages, and where nothing is published or committed. */
const compiled = join(root, "node_modules", ".cache", "holdfast-bench");

await main(async () => {
  const args = process.argv.slice(2);
  await ensurePackages();
  await compile();
  if (!args.includes("--help")) {
    await installDebianPackages(["postgresql"]);
    await ensureBuilt();
  }
  const { result, leftRunning } = await inRunFolder((folder) =>
    openly(process.execPath, [join(compiled, "bench", "main.js"), ...args], { cwd: root, env: { TMPDIR: folder } }),
  );
  if (leftRunning.length > 0) throw new Failed(`Left running, and ended now:\n${leftRunning.join("\n")}`);
  return result;
});

async function compile() {
  const argv = [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "bench/tsconfig.json"];
  const { code, output } = await quietly(process.execPath, argv, { cwd: root });
  if (code !== 0) throw new Failed(`bench/ does not compile:\n${tail(output)}`);
  mkdirSync(compiled, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(compiled, "package.json"), JSON.stringify({ type: "module", version }));
}
