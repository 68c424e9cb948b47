import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ServerName } from "../support/servers.ts";
import { servers } from "../support/servers.ts";

/** A fresh place for a repository, as it would be declared. */
export interface Place {
  type: string;
  spec: Record<string, unknown>;
  /** Values that must be seen nowhere. */
  secrets: string[];
}

/** Every kind of destination that can be reached here; B2's own protocol is spoken by nobody but Backblaze. */
export const places: readonly { kind: string; needs: ServerName[]; make: (folder: string) => Place }[] = [
  { kind: "local", needs: [], make: localPlace },
  { kind: "s3", needs: ["s3"], make: s3Place },
  { kind: "sftp", needs: ["sshd"], make: sftpPlace },
  { kind: "rest", needs: ["restServer"], make: restPlace },
  { kind: "rclone", needs: ["rclone"], make: rclonePlace },
];

export function localPlace(folder: string): Place {
  return { type: "local", spec: { path: join(folder, "a folder", "repository") }, secrets: [] };
}

export function s3Place(): Place {
  const { endpoint, bucket, accessKey, secretKey } = servers().s3;
  const prefix = `${randomUUID()}/homelab`;
  return {
    type: "s3",
    spec: {
      endpoint,
      bucket,
      prefix,
      access_key: accessKey,
      secret_key: secretKey,
      bucket_lookup: "path",
      connections: 4,
    },
    secrets: [accessKey, secretKey],
  };
}

export function sftpPlace(): Place {
  const { host, port, user, privateKey, hostKey, folder } = servers().sshd;
  return {
    type: "sftp",
    spec: { host, port, user, path: join(folder, `a ${randomUUID()} 100%`), key: privateKey, known_host: hostKey },
    secrets: [privateKey.split("\n")[1] ?? ""],
  };
}

export function restPlace(): Place {
  const { url, username, password } = servers().restServer;
  return {
    type: "rest",
    spec: { url: `${url}/${randomUUID()}`, username, server_password: password },
    secrets: [password],
  };
}

export function rclonePlace(): Place {
  const { program, configFile, remote } = servers().rclone;
  return {
    type: "rclone",
    spec: { remote: `${remote}${randomUUID()}/homelab`, config_file: configFile, program },
    secrets: [],
  };
}
