import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaries } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./process.ts";
import type { Server } from "./server.ts";

export interface NtfyDetails {
  /** http://127.0.0.1:PORT; nobody may do anything there without a login. */
  url: string;
  /** May publish to every topic and read none. */
  token: string;
  username: string;
  password: string;
  /** May read every topic. */
  readerToken: string;
}

const username = "homelab";
const password = "ntfy p@ss:word/?#%41";

/** An ntfy server with access control: all that is sent to it stays there to be looked at. */
export async function startNtfy(folder: string): Promise<Server<NtfyDetails>> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, "server.yml");
  const settings = {
    "base-url": url,
    "listen-http": `127.0.0.1:${port}`,
    "cache-file": join(folder, "cache.db"),
    "auth-file": join(folder, "auth.db"),
    "auth-default-access": "deny-all",
  };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(settings));
  const stop = await startProgram({
    argv: [binaries.ntfy, "serve", "--config", config],
    port,
    log: join(folder, "ntfy.log"),
  });
  const ntfy = (...args: [string, ...string[]]): string => {
    const [command, ...rest] = args;
    return execFileSync(binaries.ntfy, [command, "--config", config, ...rest], {
      encoding: "utf8",
      env: { NTFY_PASSWORD: password, PATH: process.env["PATH"] },
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  const tokenOf = (user: string): string => {
    ntfy("user", "add", user);
    return /tk_[a-z0-9]+/.exec(ntfy("token", "add", user))?.[0] ?? "";
  };
  const token = tokenOf(username);
  ntfy("access", username, "*", "write-only");
  const readerToken = tokenOf("reader");
  ntfy("access", "reader", "*", "read-only");
  return { details: { url, token, username, password, readerToken }, stop };
}

/** A message as ntfy's JSON API gives it (docs.ntfy.sh/subscribe/api). */
export interface NtfyMessage {
  title: string;
  message: string;
  priority?: number;
  tags?: string[];
  click?: string;
}

/** All that was published to a topic, oldest first. */
export async function ntfyMessages({ url, readerToken }: NtfyDetails, topic: string): Promise<NtfyMessage[]> {
  const answer = await fetch(`${url}/${topic}/json?poll=1`, { headers: { authorization: `Bearer ${readerToken}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`ntfy answered ${answer.status}: ${text}`);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as NtfyMessage);
}
