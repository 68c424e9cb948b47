import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { connections, innerPath, line } from "./fields.ts";
import { extendedOptions, resticKind } from "./kind.ts";
import { s3Rights } from "./s3-rights.ts";

const endpoint = line
  .regex(
    /^(https?:\/\/)?(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(:\d+)?\/?$/,
    "a host, with http:// in front when it has no TLS",
  )
  .meta({ description: "The server, such as s3.eu-central-1.amazonaws.com or http://nas.lan:9000." });

const spec = z
  .strictObject({
    endpoint,
    bucket: line
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "the name of a bucket")
      .meta({ description: "The bucket; restic creates it when it is missing and the keys allow that." }),
    prefix: innerPath.optional().meta({ description: "Folder within the bucket." }),
    region: line.optional().meta({ description: "Region, where the server wants one." }),
    access_key: secretRefSchema.meta({ description: "Access key id." }),
    secret_key: secretRefSchema.meta({ description: "Secret access key." }),
    session_token: secretRefSchema.optional().meta({ description: "Session token of temporary keys." }),
    bucket_lookup: z
      .enum(["auto", "dns", "path"])
      .optional()
      .meta({ description: "Whether the bucket stands in the host name (dns) or in the path. Default auto." }),
    connections: connections.optional(),
  })
  .meta({
    title: "S3",
    description: "A repository in an S3-compatible object store; also the best way to Backblaze B2.",
  });

/** An S3-compatible object store. */
export const s3 = resticKind({
  type: "s3",
  spec,
  inspect: async (spec, { resolveSecret, signal }) => {
    // Loaded when it is asked: most commands never do.
    const { inspectBucket } = await import("./s3-bucket.ts");
    const { endpoint, bucket, region, bucket_lookup: lookup = "auto", session_token: token } = spec;
    const [accessKey, secretKey, sessionToken] = await Promise.all([
      resolveSecret(spec.access_key),
      resolveSecret(spec.secret_key),
      token === undefined ? undefined : resolveSecret(token),
    ]);
    return await inspectBucket({ endpoint, bucket, region, lookup, accessKey, secretKey, sessionToken }, signal);
  },
  rights: (spec) => s3Rights(spec),
  connect: async (spec, context) => {
    const host = spec.endpoint.replace(/\/$/, "");
    const server = /^https?:/.test(host) ? host : `https://${host}`;
    const repository = `s3:${[server, spec.bucket, ...(spec.prefix ? [spec.prefix] : [])].join("/")}`;
    return {
      repository,
      location: repository,
      env: {
        AWS_ACCESS_KEY_ID: await context.resolveSecret(spec.access_key),
        AWS_SECRET_ACCESS_KEY: await context.resolveSecret(spec.secret_key),
        ...(spec.session_token === undefined
          ? {}
          : { AWS_SESSION_TOKEN: await context.resolveSecret(spec.session_token) }),
      },
      options: extendedOptions("s3", {
        region: spec.region,
        "bucket-lookup": spec.bucket_lookup,
        connections: spec.connections,
      }),
    };
  },
});
