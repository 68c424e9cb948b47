import { spawnSync } from "node:child_process";
import { describe, inject } from "vitest";
import { isUnavailable, type ServerName } from "./servers.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test cannot run here; the tally prints it beside the test's name. */
    skippedBecause?: string;
  }
}

/** What a test may need of the machine, or the name of a server. */
export type Need = "root" | "mounts" | "promtool" | "systemd-analyze" | ServerName;

/**
 * A `describe` for tests that cannot run everywhere: `describeNeeding("root", "mariadb")("a restore", () => …)`.
 * Where something is missing its tests are skipped, hooks included, and the run names each of them with the reason;
 * with CI=true that fails the run.
 */
export function describeNeeding(...needs: Need[]): (name: string, body: () => void) => void {
  return (name, body) => {
    const lacks = needs.map(lackOf).filter((lack) => lack !== undefined);
    const declare = lacks.length === 0 ? describe : describe.skip;
    declare(name, { meta: lacks.length === 0 ? {} : { skippedBecause: lacks.join("; ") } }, body);
  };
}

/** What stands in the way of a need; undefined when nothing does. */
function lackOf(need: Need): string | undefined {
  switch (need) {
    case "root":
      return isRoot() ? undefined : "needs root";
    case "mounts":
      return isRoot() && mountsWork() ? undefined : "needs root and the right to mount (CAP_SYS_ADMIN)";
    case "promtool":
    case "systemd-analyze":
      return spawnSync(need, ["--version"]).error === undefined ? undefined : `needs the program ${need}`;
    default: {
      const started = inject("servers")[need];
      return isUnavailable(started) ? started.unavailable : undefined;
    }
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

let mountable: boolean | undefined;

function mountsWork(): boolean {
  mountable ??=
    spawnSync("unshare", ["--mount", "--propagation", "unchanged", "mount", "-t", "tmpfs", "none", "/mnt"]).status ===
    0;
  return mountable;
}
