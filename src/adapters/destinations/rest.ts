import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { absolutePath, connections, line } from "./fields.ts";
import { extendedOptions, resticKind } from "./kind.ts";

const url = line
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  }, "an http:// or https:// address without user and password, which have fields of their own")
  .meta({
    description: "Address of the REST server with the repository's path, such as https://nas.lan:8000/homelab.",
  });

const spec = z
  .strictObject({
    url,
    username: line.optional().meta({ description: "User, where the server wants one." }),
    server_password: secretRefSchema.optional().meta({
      description: "Password of that user; `password` is that of the repository, as everywhere.",
    }),
    ca_cert: absolutePath.optional().meta({ description: "File with the certificate authority of the server." }),
    connections: connections.optional(),
  })
  .meta({ title: "REST server", description: "A repository on a restic REST server." });

/** restic's REST server. */
export const rest = resticKind({
  type: "rest",
  spec,
  connect: async (spec, context) => {
    const address = spec.url.endsWith("/") ? spec.url : `${spec.url}/`;
    return {
      repository: `rest:${address}`,
      location: `rest:${address}`,
      env: {
        ...(spec.username === undefined ? {} : { RESTIC_REST_USERNAME: spec.username }),
        ...(spec.server_password === undefined
          ? {}
          : { RESTIC_REST_PASSWORD: await context.resolveSecret(spec.server_password) }),
        ...(spec.ca_cert === undefined ? {} : { RESTIC_CACERT: spec.ca_cert }),
      },
      options: extendedOptions("rest", { connections: spec.connections }),
    };
  },
});
