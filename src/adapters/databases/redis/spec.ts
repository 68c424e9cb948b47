import { z } from "zod";
import { secretRefSchema } from "../../../domain/atoms/secret-ref.ts";

const text = z.string().min(1);

/** A Redis or Valkey server; all of its numbered databases belong to the dump. */
export const redisSpec = z
  .strictObject({
    host: text.default("127.0.0.1").meta({ description: "Host name or address. Default 127.0.0.1." }),
    port: z.int().min(1).max(65_535).default(6379).meta({ description: "Default 6379." }),
    username: text.optional().meta({ description: "ACL user. Default: the server's default user." }),
    password: secretRefSchema.optional(),
    tls: z.boolean().default(false).meta({ description: "Connect by TLS." }),
    ca_file: text.optional().meta({ description: "Certificate authority of the server's certificate." }),
    client: text.optional().meta({ description: "Folder of redis-cli, redis-check-rdb and redis-server." }),
  })
  .meta({ title: "Redis", description: "A Redis or Valkey server, with all of its numbered databases." });

export type RedisSpec = z.infer<typeof redisSpec>;
