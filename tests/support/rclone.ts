import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaries } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./process.ts";
import type { Server } from "./server.ts";

export interface RcloneDetails {
  program: string;
  /** A configuration with one remote: a WebDAV server with user and password. */
  configFile: string;
  /** The remote's name with its colon. */
  remote: string;
}

/** A WebDAV server, and rclone's configuration that reaches it. */
export async function startRclone(folder: string): Promise<Server<RcloneDetails>> {
  const data = join(folder, "data");
  const configFile = join(folder, "rclone.conf");
  const port = await freePort();
  const password = "webdav password";
  mkdirSync(data);
  const obscured = spawnSync(binaries.rclone, ["obscure", "-"], { input: password, encoding: "utf8" }).stdout.trim();
  const remote = [
    "[nas]",
    "type = webdav",
    `url = http://127.0.0.1:${port}`,
    "vendor = other",
    "user = homelab",
    `pass = ${obscured}`,
  ];
  writeFileSync(configFile, `${remote.join("\n")}\n`, { mode: 0o600 });
  const stop = await startProgram({
    argv: [binaries.rclone, "serve", "webdav", data, "--addr", `127.0.0.1:${port}`],
    port,
    log: join(folder, "rclone.log"),
    env: { RCLONE_CONFIG: join(folder, "none.conf"), RCLONE_USER: "homelab", RCLONE_PASS: password },
  });
  return { details: { program: binaries.rclone, configFile, remote: "nas:" }, stop };
}
