import "./support/node-version.mjs";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, headers, root } from "./support/checkout.mjs";
import { installDebianPackages } from "./support/debian.mjs";
import { inRunFolder } from "./support/run-folder.mjs";
import { duration, main, openly } from "./support/steps.mjs";
import { testPackages } from "./support/test-packages.mjs";

const usage = `Usage: npm test -- [--chaos] [FILE …]

Runs every test against real servers, which are installed (root on Debian), started and stopped.
FILE is a part of a test file's path. --chaos runs the tests of tests/chaos alone, in their long form.`;

await main(async () => {
  const args = process.argv.slice(2);
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const began = performance.now();
  await installDebianPackages(testPackages);
  await ensurePackages();
  await ensureBuilt();

  const { result, leftRunning } = await inRunFolder(async (folder) => {
    const file = join(folder, "tally.json");
    const effort = args.includes("--chaos") ? { HOLDFAST_TEST_EFFORT: "long" } : {};
    const env = { TMPDIR: folder, HOLDFAST_TALLY: file, ...headers(), ...effort };
    const code = await openly(process.execPath, vitestArguments(args), { cwd: root, env });
    const tally = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { passed: 0, failed: 1, skipped: [] };
    return { code, tally };
  });
  return report(result, leftRunning, performance.now() - began);
});

function vitestArguments(args) {
  const reporters = ["--reporter=default", "--reporter=./tests/support/tally.ts"];
  const projects = args.includes("--chaos") ? ["--project=chaos"] : ["--project=unit", "--project=integration"];
  const rest = args.filter((arg) => arg !== "--chaos");
  return [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...reporters, ...projects, ...rest];
}

/** Prints what was skipped and why, and the closing line; gives the exit status. */
function report({ code, tally }, leftRunning, ms) {
  const { passed, skipped } = tally;
  // A setup that fails, and an end by a signal, are no test's failure; they count all the same.
  const failed = Math.max(tally.failed + (tally.passed > 0 ? leftRunning.length : 0), code === 0 ? 0 : 1);
  if (leftRunning.length > 0) {
    console.log("\nLeft running by the tests, and ended now:");
    for (const commandLine of leftRunning) console.log(`  ${commandLine.slice(0, 200)}`);
  }
  if (skipped.length > 0) {
    console.log("\nSkipped:");
    for (const { name, reason } of skipped) console.log(`  ${name}: ${reason}`);
  }
  const ran = tally.passed + tally.failed > 0;
  if (!ran) console.log("\nNo test ran.");
  const skipFails = process.env["CI"] === "true" && skipped.length > 0;
  if (skipFails) console.log("\nWith CI=true a skipped test fails the run.");
  console.log(`\nTook ${duration(ms)}.`);
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  return failed > 0 || !ran || skipFails ? code || 1 : 0;
}
