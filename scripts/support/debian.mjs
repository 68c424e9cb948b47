import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Failed, quietly, step, tail } from "./steps.mjs";

const policyFile = "/usr/sbin/policy-rc.d";

/** Whether Debian packages can be installed here. */
export function mayInstallPackages() {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get") && existsSync("/usr/bin/dpkg-query");
}

/**
 * Installs those of `names` that are missing; services that come with them are not started. Without root it only says
 * what is missing.
 */
export async function installDebianPackages(names) {
  if (!existsSync("/usr/bin/dpkg-query")) return;
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  if (!mayInstallPackages()) {
    console.log(`Not installed, and only root can install them: ${missing.join(" ")}`);
    return;
  }
  await step(`Installing ${missing.length} Debian packages`, () =>
    withoutStartingServices(async () => {
      const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
      const update = await quietly("apt-get", ["-q", "update"], { env });
      const install = await quietly("apt-get", ["-q", "-y", "--no-install-recommends", "install", ...missing], { env });
      if (install.code !== 0) {
        const cause = tail(update.code === 0 ? install.output : update.output, 8);
        throw new Failed(`The Debian packages ${missing.join(" ")} could not be installed:\n${cause}`);
      }
    }),
  );
}

async function missingPackages(names) {
  const { output } = await quietly("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n", ...names], {
    env: { LC_ALL: "C" },
  });
  const installed = new Set(
    output.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0]] : [])),
  );
  return names.filter((name) => !installed.has(name));
}

/** Debian asks policy-rc.d before it starts a service; 101 forbids it. What was there before is put back. */
async function withoutStartingServices(work) {
  const before = existsSync(policyFile)
    ? { text: readFileSync(policyFile), mode: statSync(policyFile).mode }
    : undefined;
  const putBack = () => {
    if (before === undefined) rmSync(policyFile, { force: true });
    else {
      writeFileSync(policyFile, before.text);
      chmodSync(policyFile, before.mode);
    }
  };
  const interrupted = () => process.exit(130);
  process.on("exit", putBack).on("SIGINT", interrupted).on("SIGTERM", interrupted);
  try {
    writeFileSync(policyFile, "#!/bin/sh\nexit 101\n");
    chmodSync(policyFile, 0o755);
    return await work();
  } finally {
    putBack();
    process.off("exit", putBack).off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}
