import "./support/node-version.mjs";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, root } from "./support/checkout.mjs";
import { main, openly } from "./support/steps.mjs";

await main(async () => {
  await ensurePackages();
  await ensureBuilt();
  // npm changes into the checkout; the paths that a person gives start where that person is.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return openly(process.execPath, [join(root, "bin", "holdfast"), "start", ...process.argv.slice(2)], { cwd });
});
