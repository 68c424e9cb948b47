import { startMariadb } from "./mariadb.ts";
import { startNtfy } from "./ntfy.ts";
import { startPostgres } from "./postgres.ts";
import { startRclone } from "./rclone.ts";
import { startRedis } from "./redis.ts";
import { startRestServer } from "./rest-server.ts";
import { startS3 } from "./s3.ts";
import { startSshd } from "./sshd.ts";

/** Every server that the integration tests may talk to; each runs once for all tests. */
export const starters = {
  mariadb: startMariadb,
  ntfy: startNtfy,
  postgres: startPostgres,
  rclone: startRclone,
  redis: startRedis,
  restServer: startRestServer,
  s3: startS3,
  sshd: startSshd,
} as const;
