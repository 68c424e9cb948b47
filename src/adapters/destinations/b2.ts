import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { b2Rights } from "./b2-rights.ts";
import { connections, innerPath, line } from "./fields.ts";
import { extendedOptions, resticKind } from "./kind.ts";

const spec = z
  .strictObject({
    bucket: line
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, "the name of a bucket")
      .meta({ description: "The bucket; restic creates it when it is missing and the key allows that." }),
    prefix: innerPath.optional().meta({ description: "Folder within the bucket." }),
    account_id: secretRefSchema.meta({ description: "Account id, or the id of an application key (B2_ACCOUNT_ID)." }),
    account_key: secretRefSchema.meta({ description: "The key that belongs to it (B2_ACCOUNT_KEY)." }),
    connections: connections.optional(),
  })
  .meta({
    title: "Backblaze B2",
    description: "A repository in Backblaze B2 by its own protocol; restic recommends S3.",
  });

/** Backblaze B2 by its native protocol. */
export const b2 = resticKind({
  type: "b2",
  spec,
  rights: (spec) => b2Rights(spec),
  connect: async (spec, context) => {
    const repository = `b2:${spec.bucket}:${spec.prefix ?? ""}`;
    return {
      repository,
      location: repository,
      env: {
        B2_ACCOUNT_ID: await context.resolveSecret(spec.account_id),
        B2_ACCOUNT_KEY: await context.resolveSecret(spec.account_key),
      },
      options: extendedOptions("b2", { connections: spec.connections }),
    };
  },
});
