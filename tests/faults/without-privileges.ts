import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const launcher = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "bin", "holdfast");

/**
 * A program that is `holdfast` without root's right to read what its mode forbids: a capability that is not in the
 * bounding set is not regained by exec (capabilities(7)). Others than root never have it.
 */
export function withoutPrivileges(folder: string): string {
  if (process.getuid?.() !== 0) return launcher;
  const path = join(folder, "holdfast-without-privileges.mjs");
  writeFileSync(
    path,
    `import { spawnSync } from "node:child_process";
const { status } = spawnSync(
  "setpriv",
  ["--bounding-set=-dac_override,-dac_read_search", process.execPath, ${JSON.stringify(launcher)}, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
`,
  );
  chmodSync(path, 0o755);
  return path;
}
