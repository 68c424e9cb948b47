import { z } from "zod";
import { secretRefSchema } from "../../../domain/atoms/secret-ref.ts";

const text = z.string().min(1);

/** One database of a MySQL or MariaDB server, or all of them. */
export const mysqlSpec = z
  .strictObject({
    host: text.optional().meta({ description: "Host name or address. Default: the local socket." }),
    port: z.int().min(1).max(65_535).optional().meta({ description: "Default 3306." }),
    socket: z
      .string()
      .startsWith("/", "an absolute path")
      .optional()
      .meta({ description: "The server's Unix socket." }),
    database: text.optional().meta({ description: "The database to dump. Left out only with `all: true`." }),
    all: z
      .boolean()
      .default(false)
      .meta({ description: "Dump every database but the server's own, all at one moment." }),
    username: text.optional().meta({ description: "User to log in as." }),
    user: text.optional().meta({ description: "The same as `username`; give one of the two." }),
    password: secretRefSchema.optional(),
    run_as: text.optional().meta({
      description:
        "Operating system user that runs the client tools, for a login by the Unix socket without a password.",
    }),
    client: text.optional().meta({ description: "Folder of the client tools, or path of one of them." }),
    ssl: z.boolean().optional().meta({
      description: "true: only with TLS; false: without. Default: as the client does by itself.",
    }),
  })
  .refine((spec) => spec.user === undefined || spec.username === undefined, {
    message: "either `username` or `user`, not both",
    path: ["user"],
  })
  .refine((spec) => spec.all !== (spec.database !== undefined), {
    message: "the name of a database, or `all: true`, and not both",
    path: ["database"],
  })
  .refine((spec) => spec.socket === undefined || spec.host === undefined, {
    message: "either `host` or `socket`, not both",
    path: ["socket"],
  })
  .refine((spec) => spec.run_as === undefined || spec.password === undefined, {
    message: "no `password` beside `run_as`: it is for a login by the Unix socket, without one",
    path: ["password"],
  })
  .transform(({ user, ...spec }) => {
    const username = spec.username ?? user;
    return username === undefined ? spec : { ...spec, username };
  })
  .meta({ title: "MySQL and MariaDB", description: "A database of a MySQL or MariaDB server, or all of them." });

export type MysqlSpec = z.infer<typeof mysqlSpec>;
