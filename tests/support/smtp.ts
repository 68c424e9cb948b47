import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { onTestFinished } from "vitest";
import type { Certificate } from "./certificate.ts";

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Who had logged in. */
  user: string | undefined;
  secure: boolean;
  /** The mail as it came, headers and all. */
  raw: string;
}

export interface MailServer {
  port: number;
  received: ReceivedMail[];
}

export interface MailServerOptions {
  certificate: Certificate;
  /** TLS from the first byte. */
  implicit?: boolean;
  /** Without STARTTLS. */
  plain?: boolean;
  login?: { username: string; password: string };
}

/** A mail server for the running test, in this process: what it takes is in `received`. */
export async function mailServer(options: MailServerOptions): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const { certificate, implicit = false, plain = false, login } = options;
  const server = new SMTPServer({
    secure: implicit,
    key: certificate.key,
    cert: certificate.cert,
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: plain ? ["STARTTLS"] : [],
    onAuth({ username, password }, _session, callback) {
      if (username === login?.username && password === login?.password) callback(null, { user: username });
      else callback(new Error(`Invalid login for ${String(username)} with ${String(password)}`));
    },
    onData(stream, session, callback) {
      text(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          secure: session.secure,
          raw,
        });
        callback();
      }, callback);
    },
  });
  // A client that does not trust the certificate ends the connection.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(
    async () =>
      await new Promise<void>((resolve) => {
        server.close(resolve);
      }),
  );
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return { port: address.port, received };
}
