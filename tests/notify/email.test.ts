import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { selfSigned } from "../support/certificate.ts";
import { suiteFolder } from "../support/folders.ts";
import { mailServer } from "../support/smtp.ts";
import { setting } from "./setting.ts";

const folder = suiteFolder();
const login = { username: "holdfast", password: "smtp p@ss:word/?#%41" };
const mail = { type: "email", host: "localhost", from: "Holdfast <backup@example.org>", to: "me@example.org" };

describe("e-mail", () => {
  it("comes by STARTTLS and with a login, to all who are declared", async () => {
    const certificate = selfSigned(folder());
    const { port, received } = await mailServer({ certificate, login });
    const to = ["me@example.org", "Her <her@example.org>"];
    const { attempt } = await setting({
      mail: { ...mail, ...login, to, port, ca_cert: certificate.certFile },
    });
    expect(await attempt("mail")).toBe("sent");
    expect(received).toMatchObject([
      { from: "backup@example.org", to: ["me@example.org", "her@example.org"], user: login.username, secure: true },
    ]);
    const raw = received[0]?.raw ?? "";
    expect(raw).toMatch(/^Subject: immich: backup FAILED\r$/m);
    expect(raw).toMatch(/^From: Holdfast <backup@example.org>\r$/m);
    expect(raw).toMatch(/^Message-ID: <[0-9a-f-]{36}@holdfast>\r$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toContain("The backup of immich on box failed after 2 min 13 s.");
    expect(raw).toContain("Check that the server runs.");
  });

  it("is not given to a server whose certificate nobody vouches for", async () => {
    const certificate = selfSigned(folder());
    const { port, received } = await mailServer({ certificate, login });
    const { attempt } = await setting({ mail: { ...mail, ...login, port } });
    expect(await attempt("mail")).toMatch(
      /^The notifier mail could not send: localhost did not take the mail: .*self-signed certificate/,
    );
    expect(received).toEqual([]);
  });

  it("is not given to a server without STARTTLS, and its password even less", async () => {
    const certificate = selfSigned(folder());
    const { port, received } = await mailServer({ certificate, login, plain: true });
    const { attempt } = await setting({ mail: { ...mail, ...login, port } });
    expect(await attempt("mail")).toContain("STARTTLS");
    expect(received).toEqual([]);
  });

  it("comes by TLS from the first byte, or in plain, where that is declared", async () => {
    const certificate = selfSigned(folder());
    const implicit = await mailServer({ certificate, login, implicit: true });
    const plain = await mailServer({ certificate, plain: true });
    const { attempt } = await setting({
      implicit: { ...mail, ...login, port: implicit.port, tls: "implicit", ca_cert: certificate.certFile },
      plain: { ...mail, port: plain.port, tls: "none" },
    });
    expect(await attempt("implicit")).toBe("sent");
    expect(await attempt("plain")).toBe("sent");
    expect([implicit.received[0]?.secure, plain.received[0]?.secure]).toEqual([true, false]);
  });

  it("that is refused for its password does not tell it, though the server does", async () => {
    const certificate = selfSigned(folder());
    const { port } = await mailServer({ certificate, login });
    const password = "not-the-right-one";
    const { attempt } = await setting({
      mail: { ...mail, port, username: login.username, password, ca_cert: certificate.certFile },
    });
    const said = await attempt("mail");
    expect(said).toContain("Invalid login");
    expect(said).not.toContain(password);
  });

  it("ends when the attempt is ended, and so does its connection", async () => {
    const silent = createServer();
    await once(silent.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void silent.close());
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("expected a port");
    const stop = new AbortController();
    const closed = once(silent, "connection").then(async ([socket]: Socket[]) => {
      if (socket === undefined) throw new Error("expected a connection");
      stop.abort();
      await once(socket.resume(), "close");
    });
    const { attempt } = await setting({ mail: { ...mail, port: address.port } });
    expect(await attempt("mail", {}, stop.signal)).toBe(
      "The notifier mail could not send: there was no answer yet when Holdfast had to end.",
    );
    await closed;
  });
});
