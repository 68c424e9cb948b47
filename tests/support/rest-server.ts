import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaries } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./process.ts";
import type { Server } from "./server.ts";

export interface RestServerDetails {
  /** http://127.0.0.1:PORT; every path below it can be a repository. */
  url: string;
  /** The same data, served by a second one that deletes nothing but locks. */
  appendOnlyUrl: string;
  username: string;
  password: string;
}

const username = "homelab";
const password = "rest p@ss:word/?#%41";

/** Two REST servers over one folder: one as usual, one with --append-only. Both want the password. */
export async function startRestServer(folder: string): Promise<Server<RestServerDetails>> {
  const data = join(folder, "data");
  const passwords = join(folder, "htpasswd");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwords, `${username}:{SHA}${createHash("sha1").update(password).digest("base64")}\n`);
  const serve = async (name: string, more: string[]): Promise<{ url: string; stop: () => Promise<void> }> => {
    const port = await freePort();
    const argv = [
      binaries.restServer,
      ...["--path", data, "--listen", `127.0.0.1:${port}`, "--htpasswd-file", passwords],
      ...more,
    ] as const;
    return {
      url: `http://127.0.0.1:${port}`,
      stop: await startProgram({ argv, port, log: join(folder, `${name}.log`) }),
    };
  };
  const usual = await serve("usual", []);
  const appendOnly = await serve("append-only", ["--append-only"]);
  return {
    details: { url: usual.url, appendOnlyUrl: appendOnly.url, username, password },
    stop: async () => {
      await Promise.all([usual.stop(), appendOnly.stop()]);
    },
  };
}
