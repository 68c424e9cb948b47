import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startProgram } from "./process.ts";
import type { Server } from "./server.ts";

export interface SshdDetails {
  host: string;
  port: number;
  /** The user who runs the tests. */
  user: string;
  /** Content of the private key that is let in. */
  privateKey: string;
  privateKeyFile: string;
  /** `ssh-ed25519 AAAA…`: what the server shows. */
  hostKey: string;
  /** Another key of that type, which the server does not have. */
  otherHostKey: string;
  /** A folder that the user may write to. */
  folder: string;
}

/** An SSH server with a host key and one authorised key of its own; it serves SFTP and commands. */
export async function startSshd(folder: string): Promise<Server<SshdDetails>> {
  const port = await freePort();
  const keys = join(folder, "keys");
  const data = join(folder, "data");
  mkdirSync(keys, { mode: 0o700 });
  mkdirSync(data);
  for (const name of ["host", "other", "user"]) makeKey(join(keys, name));
  copyFileSync(join(keys, "user.pub"), join(keys, "authorized_keys"));
  chmodSync(join(keys, "authorized_keys"), 0o600);
  // sshd wants this folder for its unprivileged half; without systemd nobody has made it.
  if (process.getuid?.() === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
  const config = join(folder, "sshd_config");
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(keys, "host")}`,
    `AuthorizedKeysFile ${join(keys, "authorized_keys")}`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    // The folders above lie in a place for everybody's temporary files.
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "MaxStartups 100",
    "Subsystem sftp internal-sftp",
  ];
  writeFileSync(config, `${settings.join("\n")}\n`);
  const stop = await startProgram({
    argv: ["/usr/sbin/sshd", "-D", "-e", "-f", config],
    port,
    log: join(folder, "sshd.log"),
  });
  const publicKey = (name: string): string =>
    readFileSync(join(keys, `${name}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  return {
    details: {
      host: "127.0.0.1",
      port,
      user: userInfo().username,
      privateKey: readFileSync(join(keys, "user"), "utf8"),
      privateKeyFile: join(keys, "user"),
      hostKey: publicKey("host"),
      otherHostKey: publicKey("other"),
      folder: data,
    },
    stop,
  };
}

function makeKey(path: string): void {
  const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "holdfast-test", "-f", path], {
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`ssh-keygen failed: ${made.stderr}`);
}
