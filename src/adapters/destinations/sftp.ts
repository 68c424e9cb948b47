import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { absolutePath, connections, line } from "./fields.ts";
import { extendedOptions, resticKind } from "./kind.ts";
import { resticWords } from "./restic/quote.ts";
import { writeSshConfig } from "./ssh-config.ts";

/** Nothing that begins with a dash: it would be an option of ssh. */
const bareWord = /^[A-Za-z0-9_.:%[\]][A-Za-z0-9_.:%@+[\]-]*$/;

const knownHost = line
  .regex(
    /(^|\s)(ssh-[a-z0-9-]+|ecdsa-[a-z0-9-]+|sk-[a-z0-9@.-]+) +[A-Za-z0-9+/]+=*/,
    "a host key: `ssh-ed25519 AAAA…`, or a line of known_hosts",
  )
  .meta({ description: "The server's host key, `ssh-ed25519 AAAA…`. Without it ssh's own known_hosts must hold it." });

const spec = z
  .strictObject({
    host: line
      .regex(bareWord, "a host name or address")
      .meta({ description: "Host name, address or alias of ~/.ssh/config." }),
    port: z.int().min(1).max(65_535).optional().meta({ description: "Port. Default: ssh's own." }),
    user: line.regex(bareWord, "a user name").optional().meta({ description: "User. Default: ssh's own." }),
    path: line
      .refine((path) => !path.startsWith("~"), "a path without ~")
      .meta({
        description: "Path there; a relative one starts in the user's home.",
      }),
    key: secretRefSchema
      .optional()
      .meta({ description: "Private key (its content), written to a private file while it is used." }),
    key_file: absolutePath.optional().meta({ description: "File of the private key. Default: ssh's own keys." }),
    known_host: knownHost.optional(),
    connections: connections.optional(),
  })
  .refine((spec) => spec.key === undefined || spec.key_file === undefined, {
    message: "either key or key_file",
    path: ["key"],
  })
  .meta({ title: "SFTP", description: "A repository on a server that is reached over SSH." });

/** A server reached over SSH. A host key is never taken on trust: it is pinned here, or known to ssh already. */
export const sftp = resticKind({
  type: "sftp",
  spec,
  connect: async (spec, context) => {
    const host = spec.host.includes(":") && !spec.host.startsWith("[") ? `[${spec.host}]` : spec.host;
    const user = spec.user === undefined ? "" : `${encodeURIComponent(spec.user)}@`;
    const port = spec.port === undefined ? "" : `:${spec.port}`;
    const path = spec.path.split("/").map(encodeURIComponent).join("/");
    const config = await writeSshConfig(context, {
      ...(spec.key === undefined ? {} : { key: await context.resolveSecret(spec.key) }),
      ...(spec.key_file === undefined ? {} : { keyFile: spec.key_file }),
      ...(spec.known_host === undefined ? {} : { knownHost: spec.known_host }),
    });
    // restic passes ssh's words on, but may be gone before it has: a file is there when ssh has ended.
    const log = join(context.scratch, `ssh-${randomUUID()}.log`);
    return {
      log,
      repository: `sftp://${user}${host}${port}/${path}`,
      location: `sftp://${spec.user === undefined ? "" : `${spec.user}@`}${host}${port}${spec.path.startsWith("/") ? "" : "/"}${spec.path}`,
      env: {},
      options: extendedOptions("sftp", { args: resticWords(["-F", config, "-E", log]), connections: spec.connections }),
    };
  },
});
