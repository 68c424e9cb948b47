import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { captureSchema } from "../../src/domain/capture.ts";
import { homelab } from "../engine/homelab.ts";
import { startRedis } from "../support/redis.ts";
import { servers } from "../support/servers.ts";

test("all databases of an app are pinned at about the same moment, also beside a Redis that takes its time to fork", async () => {
  const lab = homelab();
  const { postgres } = servers();
  const folder = join(lab.folder, "redis");
  await mkdir(folder);
  const redis = await startRedis(folder, "--repl-diskless-sync-delay", "2");
  onTestFinished(() => redis.stop());
  const sqlite = join(lab.folder, "app.db");
  new Sqlite(sqlite).exec("CREATE TABLE t (id INTEGER)").close();
  const login = { host: postgres.host, port: postgres.port, username: postgres.superuser, password: { env: "PG" } };
  lab.declare({
    destinations: { near: { type: "local", path: join(lab.folder, "repository") } },
    policies: { default: { destinations: ["near"], keep: { last: 3 } } },
    apps: {
      app: {
        databases: [
          { type: "sqlite", path: sqlite },
          { type: "redis", port: redis.details.port, password: { env: "REDIS" } },
          { type: "postgres", database: "postgres", ...login },
        ],
      },
    },
  });
  await lab.json(["backup"], 0, { env: { PG: postgres.password, REDIS: redis.details.password } });
  const file = join(lab.home, "staging", "app", ".holdfast", "capture.json");
  const { databases } = captureSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const moments = databases.map(({ pinnedAt }) => Date.parse(pinnedAt ?? ""));
  expect(moments).toHaveLength(3);
  expect(Math.max(...moments) - Math.min(...moments)).toBeLessThan(1000);
});
