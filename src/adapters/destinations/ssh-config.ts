import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { failure } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { DestinationContext } from "../../domain/destination.ts";

export interface SshSettings {
  key?: Secret;
  keyFile?: string;
  /** `TYPE KEY`, or a line of known_hosts that holds them. */
  knownHost?: string;
}

/**
 * Writes a configuration of ssh into the scratch folder, with what it names (mode 0600), and gives its path. One file
 * instead of options, so that nothing passes through two kinds of quoting. What is not set here comes from the user's
 * own configuration, but a host key that is not known is refused in any case. Nothing is ever asked at a prompt.
 */
export async function writeSshConfig(
  context: Pick<DestinationContext, "scratch">,
  settings: SshSettings,
): Promise<string> {
  const place = (name: string): string => join(context.scratch, `ssh-${name}-${randomUUID()}`);
  const lines = [
    "BatchMode yes",
    "StrictHostKeyChecking yes",
    "ConnectTimeout 30",
    "ServerAliveInterval 60",
    "ServerAliveCountMax 4",
  ];
  let keyFile = settings.keyFile;
  if (settings.key !== undefined) {
    keyFile = place("key");
    // OpenSSH refuses a key without its last line end, which secrets from the environment often lack.
    await writePrivate(keyFile, `${settings.key.reveal().trimEnd()}\n`);
  }
  if (keyFile !== undefined) lines.push(`IdentityFile ${quoted(keyFile)}`, "IdentitiesOnly yes");
  if (settings.knownHost !== undefined) {
    const file = place("known");
    await writePrivate(file, `* ${keyOf(settings.knownHost)}\n`);
    lines.push(`UserKnownHostsFile ${quoted(file)}`, "GlobalKnownHostsFile none", "UpdateHostKeys no");
  }
  const config = place("config");
  // The first value wins, so ours stand in front. A file that is not there is passed over.
  const own = [join(homedir(), ".ssh/config"), "/etc/ssh/ssh_config"].map((path) => `Include ${quoted(path)}`);
  await writePrivate(config, `${["Host *", ...lines, ...own].join("\n")}\n`);
  return config;
}

function writePrivate(path: string, content: string): Promise<void> {
  return writeFile(path, content, { mode: 0o600, flag: "wx" });
}

/** ssh expands % in these paths, and has no way to write a quote inside quotes. */
function quoted(path: string): string {
  if (path.includes('"')) {
    throw failure("HF_USAGE", {
      help: "holdfast config check --help",
      detail: `ssh cannot use the path ${path}: it holds a quote.`,
    });
  }
  return `"${path.replaceAll("%", "%%")}"`;
}

/** Type and key alone: whoever pinned it meant this server, under whatever name and port it is reached. */
function keyOf(knownHost: string): string {
  const words = knownHost.trim().split(/\s+/);
  const at = words.findIndex((word) => /^(ssh|ecdsa|sk)-/.test(word) && !word.includes(","));
  return words.slice(at, at + 2).join(" ");
}
