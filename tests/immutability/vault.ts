import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { binaries } from "../support/binaries.ts";
import { freePort } from "../support/free-port.ts";
import { startProgram } from "../support/process.ts";

export interface Vault {
  /** As it would be declared: the backup's credentials, and those of maintenance, which the other server alone takes. */
  declaration: Record<string, unknown>;
  /** Every request that either server was asked, as `METHOD /path`. */
  asked(): { backup: string[]; maintenance: string[] };
}

/** Two REST servers over one folder, as a vault would have them: one that only adds, and one for maintenance. Both log. */
export async function startVault(folder: string): Promise<Vault> {
  const data = join(folder, "vault");
  mkdirSync(data, { mode: 0o700 });
  const serve = async (user: string, password: string, more: string[]): Promise<{ url: string; log: string }> => {
    const port = await freePort();
    const log = join(folder, `${user}-requests.log`);
    const passwords = join(folder, `${user}.htpasswd`);
    writeFileSync(passwords, `${user}:{SHA}${createHash("sha1").update(password).digest("base64")}\n`);
    const argv = [
      binaries.restServer,
      ...["--path", data, "--listen", `127.0.0.1:${port}`, "--htpasswd-file", passwords, "--log", log],
      ...more,
    ] as const;
    onTestFinished(await startProgram({ argv, port, log: join(folder, `${user}-server.log`) }));
    return { url: `http://127.0.0.1:${port}/homelab`, log };
  };
  const backup = await serve("adder", "may only add", ["--append-only"]);
  const maintenance = await serve("keeper", "may delete", []);
  return {
    declaration: {
      type: "rest",
      url: backup.url,
      username: "adder",
      server_password: "may only add",
      append_only: true,
      maintenance: { url: maintenance.url, username: "keeper", server_password: "may delete" },
    },
    asked: () => ({ backup: requestsIn(backup.log), maintenance: requestsIn(maintenance.log) }),
  };
}

/** The log is in Apache's combined form. */
function requestsIn(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => /"([A-Z]+ \S+) HTTP/.exec(line)?.[1] ?? []);
}

/** What was deleted, locks aside. */
export const deletes = (requests: string[]): string[] =>
  requests.filter((request) => request.startsWith("DELETE") && !request.includes("/locks/"));
