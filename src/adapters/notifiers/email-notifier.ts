import { createTransport } from "nodemailer";
import { failure } from "../../base/errors/error.ts";
import { redact } from "../../base/secrets/secret.ts";
import { fullText } from "../../domain/notification-text.ts";
import type { EmailSpec } from "./email.ts";
import { reasonOf } from "./http.ts";
import type { Notifier, NotifierContext } from "./kind.ts";
import { trustedCertificates } from "./trust.ts";

/** Sends by SMTP. Certificates are always checked; one of one's own is trusted by `ca_cert`. */
export async function emailNotifier(spec: EmailSpec, context: NotifierContext): Promise<Notifier> {
  const { name: notifier } = context;
  const tls = spec.tls ?? "starttls";
  const ca = await trustedCertificates(spec.ca_cert, notifier);
  const password = spec.password === undefined ? undefined : await context.resolveSecret(spec.password);
  const transport = createTransport({
    host: spec.host,
    port: spec.port ?? (tls === "implicit" ? 465 : 587),
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(spec.username === undefined || password === undefined
      ? {}
      : { auth: { user: spec.username, pass: password.reveal() } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(notification, signal) {
      const mail = {
        from: spec.from,
        to: spec.to,
        subject: notification.title,
        text: `${fullText(notification)}\n`,
        date: new Date(notification.at),
        // The same for each attempt: should one arrive twice, the mailbox can tell.
        messageId: `<${notification.id}@holdfast>`,
        headers: { "Auto-Submitted": "auto-generated" },
        signal,
      };
      try {
        await transport.sendMail(mail);
      } catch (error) {
        signal.throwIfAborted();
        const detail = redact(`${spec.host} did not take the mail: ${reasonOf(error)}`);
        throw failure("HF_NOTIFY_FAILED", { notifier, detail }, { cause: error });
      }
    },
  };
}
