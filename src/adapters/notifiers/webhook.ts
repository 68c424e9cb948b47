import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { caCert, secretWebAddress } from "./fields.ts";
import { notifierKind, usualForPeople } from "./kind.ts";

/** A token as RFC 9110 (5.6.2) has it; those that the request itself sets are refused. */
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "the name of a header")
  .refine(
    (name) => !/^(host|content-length|content-type|connection|transfer-encoding|x-holdfast-.*)$/i.test(name),
    "a header other than those that Holdfast sets itself",
  );

const spec = z
  .strictObject({
    url: secretWebAddress.meta({
      description:
        "Where notifications are posted to, over http or https. Who knows it may often post: keep it secret.",
    }),
    secret: secretRefSchema.optional().meta({
      description: "Key of the signature (HMAC-SHA256) by which the receiver knows that it comes from here.",
    }),
    headers: z
      .record(headerName, secretRefSchema)
      .optional()
      .meta({ description: "Further headers, such as `Authorization`." }),
    ca_cert: caCert.optional(),
  })
  .meta({
    title: "Webhook",
    description: "A request with the notification as JSON, for programs of your own and chats.",
  });

export type WebhookSpec = z.output<typeof spec>;

/** Any program that takes JSON over HTTP. */
export const webhook = notifierKind({
  type: "webhook",
  usual: usualForPeople,
  spec,
  open: async (spec, context) => (await import("./webhook-notifier.ts")).webhookNotifier(spec, context),
});
