import { z } from "zod";
import { secretRefSchema } from "../../../domain/atoms/secret-ref.ts";

const text = z.string().min(1);

/** A PostgreSQL database, or a whole cluster. Without `host` it is reached by its local socket. */
export const postgresSpec = z
  .strictObject({
    host: text
      .optional()
      .meta({ description: "Host name, address, or folder of the Unix socket. Default: the local socket." }),
    port: z.int().min(1).max(65_535).optional().meta({ description: "Default 5432." }),
    database: text.optional().meta({ description: "The database to dump. Left out only with `cluster: true`." }),
    username: text.optional().meta({ description: "Role to log in as." }),
    user: text.optional().meta({ description: "The same as `username`; give one of the two." }),
    password: secretRefSchema.optional(),
    run_as: text.optional().meta({
      description:
        "Operating system user that runs the client tools, for peer authentication. Default: ourselves, and where the server asks for a peer, the user of the role's name.",
    }),
    format: z.enum(["custom", "plain"]).default("custom").meta({
      description: "`custom` is read by pg_restore, `plain` is an SQL script for psql.",
    }),
    cluster: z.boolean().default(false).meta({
      description:
        "Dump every database and role with pg_dumpall. The databases follow one another, each at a moment of its own.",
    }),
    client: text.optional().meta({
      description:
        "Folder of the client tools, or path of pg_dump. Default: those of the server's own version, else newer ones.",
    }),
    sslmode: z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]).optional().meta({
      description: "libpq's sslmode. Default prefer.",
    }),
  })
  .refine((spec) => spec.user === undefined || spec.username === undefined, {
    message: "either `username` or `user`, not both",
    path: ["user"],
  })
  .refine((spec) => spec.cluster || spec.database !== undefined, {
    message: "the name of a database, or `cluster: true`",
    path: ["database"],
  })
  .refine((spec) => !(spec.cluster && spec.database !== undefined), {
    message: "no `database` beside `cluster: true`: a cluster dump holds them all",
    path: ["database"],
  })
  .transform(({ user, ...spec }) => {
    const username = spec.username ?? user;
    return username === undefined ? spec : { ...spec, username };
  })
  .meta({ title: "PostgreSQL", description: "A PostgreSQL database, or a whole cluster." });

export type PostgresSpec = z.infer<typeof postgresSpec>;
