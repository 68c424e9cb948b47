import { z } from "zod";
import { appNameSchema } from "../../domain/atoms/name.ts";
import { caCert, secretWebAddress } from "./fields.ts";
import { notifierKind } from "./kind.ts";

const spec = z
  .strictObject({
    url: secretWebAddress.optional().meta({
      description:
        "The ping address; `{app}` in it stands for the app's name in small letters. Of Uptime Kuma the push address.",
    }),
    urls: z
      .record(appNameSchema, secretWebAddress)
      .optional()
      .meta({ description: "An address for each app; `url` is for the others." }),
    warnings: z
      .enum(["success", "fail"])
      .optional()
      .meta({ description: "What a run that ends with warnings is to the check. Default success." }),
    ca_cert: caCert.optional(),
  })
  .refine(({ url, urls }) => url !== undefined || urls !== undefined, {
    message: "`url`, or `urls` with an address for each app",
    path: ["url"],
  })
  .meta({
    title: "Healthchecks",
    description:
      "Pings when a backup starts, succeeds and fails: [healthchecks.io](https://healthchecks.io) and what is like it, and [Uptime Kuma](https://uptime.kuma.pet). It alarms when none comes, so also when this machine is off.",
  });

export type HealthchecksSpec = z.output<typeof spec>;

/** A service that watches whether pings come. */
export const healthchecks = notifierKind({
  type: "healthchecks",
  usual: ["started", "success", "warning", "failure"],
  spec,
  open: async (spec, context) => (await import("./healthchecks-notifier.ts")).healthchecksNotifier(spec, context),
});
