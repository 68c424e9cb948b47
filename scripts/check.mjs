import "./support/node-version.mjs";
import { join } from "node:path";
import { ensurePackages, root } from "./support/checkout.mjs";
import { duration, main, quietly } from "./support/steps.mjs";

const program = (...names) => join(root, "node_modules", ...names);
const checks = [
  { name: "types", argv: [program("typescript", "bin", "tsc"), "-p", "tsconfig.json"] },
  {
    name: "lint",
    argv: [program("oxlint", "bin", "oxlint"), "--type-aware", "--deny-warnings", "-c", ".oxlintrc.json"],
  },
  { name: "format", argv: [program("oxfmt", "bin", "oxfmt"), "--check", "."] },
  { name: "unit tests", argv: [program("vitest", "vitest.mjs"), "run", "--project", "unit", "--reporter", "dot"] },
];

await main(async () => {
  await ensurePackages();
  const began = performance.now();
  const results = await Promise.all(
    checks.map(async (check) => ({ ...check, ...(await quietly(process.execPath, check.argv, { cwd: root })) })),
  );
  const failed = results.filter(({ code }) => code !== 0);
  for (const { name, output } of failed) console.log(`── ${name}\n${output.trim()}\n`);
  const time = duration(performance.now() - began);
  if (failed.length === 0) console.log(`${checks.map(({ name }) => name).join(", ")}: in order (${time})`);
  else console.log(`failed: ${failed.map(({ name }) => name).join(", ")} (${time})`);
  return failed.length === 0 ? 0 : 1;
});
