import { z } from "zod";
import { alive } from "../../operations/health/alive.ts";
import { backupHealth } from "../../operations/health/backups.ts";
import { metricsMedia, metricsText } from "../../operations/metrics/metrics.ts";
import { route, type Route } from "../route.ts";

const aliveAnswer = z
  .object({ status: z.literal("alive"), version: z.string() })
  .meta({ id: "Alive", description: "The daemon turns, and its state answers." });

const healthAnswer = z
  .object({
    status: z.enum(["healthy", "unhealthy"]),
    by: z.enum(["dumps", "apps", "nothing"]).meta({
      description:
        "What decides: where databases are declared their dumps (each complete within `daemon.dump_max_age`), else whether an app is late.",
    }),
    looked: z.int().meta({ description: "How many databases or apps were looked at." }),
    unwell: z.int().meta({ description: "How many of them make it unhealthy." }),
  })
  .meta({ id: "BackupHealth", description: "Whether backups come in as they should." });

/** Health and metrics. Whoever may ask without signing in learns no names: those are in `holdfast healthcheck` and the API. */
export const healthRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/health",
    access: "open",
    tag: "Health",
    summary: "Whether the daemon is alive",
    answers: { 200: aliveAnswer },
    run: async ({ holdfast }) => await alive(holdfast),
  }),
  route({
    method: "GET",
    path: "/health/backups",
    access: "open",
    tag: "Health",
    summary: "Whether backups come in as they should",
    description: "503 when they do not. `holdfast healthcheck` asks the same without a daemon and names what is wrong.",
    answers: { 200: healthAnswer, 503: healthAnswer },
    async run({ holdfast, reply }) {
      const { healthy, by, looked, unwell } = await backupHealth(holdfast);
      if (!healthy) void reply.code(503);
      return {
        status: healthy ? ("healthy" as const) : ("unhealthy" as const),
        by,
        looked,
        unwell: unwell.filter(({ decides }) => decides).length,
      };
    },
  }),
  route({
    method: "GET",
    path: "/metrics",
    access: "read",
    openWhen: ({ declared }) => declared.settings.daemon?.openMetrics === true,
    tag: "Health",
    summary: "Metrics for Prometheus",
    description:
      "Text format 0.0.4. Give Prometheus a token with the scope `read`, or set `daemon.open_metrics`; names of apps are in the labels.",
    answers: { 200: { media: metricsMedia } },
    run: async ({ holdfast }) => await metricsText(holdfast),
  }),
];
