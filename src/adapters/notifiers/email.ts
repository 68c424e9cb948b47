import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { caCert, line } from "./fields.ts";
import { notifierKind, usualForPeople } from "./kind.ts";

const mailbox = line.regex(
  /^([^<>,;]* )?<?[^\s<>@,;"]+@[^\s<>@,;"]+>?$/,
  "an address such as me@example.org or Holdfast <backup@example.org>",
);

const spec = z
  .strictObject({
    host: line.regex(/^[A-Za-z0-9.:_-]+$/, "a host name or address").meta({ description: "The mail server." }),
    port: z.int().min(1).max(65_535).optional().meta({ description: "Default 587; with `tls: implicit` 465." }),
    tls: z.enum(["starttls", "implicit", "none"]).optional().meta({
      description:
        "`starttls` begins in plain and insists on TLS, `implicit` is TLS from the first byte, `none` is for a server on this machine. Default starttls.",
    }),
    ca_cert: caCert.optional(),
    username: line.optional().meta({ description: "User, where the server wants one." }),
    password: secretRefSchema.optional().meta({ description: "Password of that user." }),
    from: mailbox.meta({ description: "Sender, such as `Holdfast <backup@example.org>`." }),
    to: z
      .union([mailbox.transform((one) => [one]), z.array(mailbox).min(1, "at least one address").max(50)])
      .meta({ description: "Who gets it: one address or a list." }),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    message: "username and password together",
    path: ["username"],
  })
  .refine(({ tls, password }) => tls !== "none" || password === undefined, {
    message: "starttls or implicit: a password is not sent in plain",
    path: ["tls"],
  })
  .meta({ title: "E-mail", description: "Mail by SMTP." });

export type EmailSpec = z.output<typeof spec>;

/** A mail server. */
export const email = notifierKind({
  type: "email",
  usual: usualForPeople,
  spec,
  open: async (spec, context) => (await import("./email-notifier.ts")).emailNotifier(spec, context),
});
