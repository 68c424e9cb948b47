import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testFolder } from "../support/folders.ts";
import { selfSigned } from "../support/certificate.ts";
import { receiver } from "../support/receiver.ts";
import { example, setting } from "./setting.ts";

const secret = "webhook-secret-4711";

describe("a webhook", () => {
  it("gets the notification as JSON, signed over time and body, with the declared headers", async () => {
    const { url, received } = await receiver();
    const { attempt } = await setting(
      {
        hook: {
          type: "webhook",
          url: { env: "HOOK_URL" },
          secret: { env: "HOOK_SECRET" },
          headers: { Authorization: "Bearer declared-header" },
        },
      },
      { HOOK_URL: `${url}/in/3141592653`, HOOK_SECRET: secret },
    );
    const { runId, ...sent } = example();
    expect(await attempt("hook", { ...sent, ...(runId === undefined ? {} : { runId }) })).toBe("sent");
    const [request] = received;
    expect(request).toMatchObject({
      method: "POST",
      path: "/in/3141592653",
      headers: { authorization: "Bearer declared-header", "content-type": "application/json" },
    });
    const { run, ...plain } = sent;
    expect(JSON.parse(request?.body ?? "")).toEqual({
      ...plain,
      run_id: runId,
      run_kind: run,
      text: `${sent.title}\n\n${sent.what}\n\n${sent.why}\n\n${sent.todo}`,
    });
    const time = String(request?.headers["x-holdfast-timestamp"]);
    const expected = createHmac("sha256", secret).update(`${time}.${request?.body}`).digest("hex");
    expect(request?.headers["x-holdfast-signature"]).toBe(`sha256=${expected}`);
    expect(Math.abs(Date.now() / 1000 - Number(time))).toBeLessThan(60);
  });

  it("that redirects gets no second request, and the message says where to", async () => {
    const other = await receiver();
    const { url } = await receiver(() => ({ status: 307, headers: { location: `${other.url}/steal` } }));
    const { attempt } = await setting({
      hook: { type: "webhook", url: `${url}/in`, headers: { Authorization: "Bearer mine" } },
    });
    expect(await attempt("hook")).toBe(
      `The notifier hook could not send: ${url} redirects to ${other.url}, and redirects are not followed. Declare the address that it means.`,
    );
    expect(other.received).toEqual([]);
  });

  it("that answers without end is not read to its end", async () => {
    const { url } = await receiver(() => "endless");
    const { attempt } = await setting({ hook: { type: "webhook", url: `${url}/in` } });
    const said = await attempt("hook");
    expect(said).toContain(`${url} answered 500: no no`);
    expect(said.length).toBeLessThan(400);
  });

  it("whose answer repeats the secret address does not bring it into the message", async () => {
    const { url } = await receiver(({ path, headers }) => ({
      status: 403,
      body: `${path} ${String(headers.authorization)}`,
    }));
    const { attempt } = await setting({
      hook: { type: "webhook", url: `${url}/hooks/T0PS3CRET`, headers: { Authorization: "very-private" } },
    });
    const said = await attempt("hook");
    expect(said).toContain("answered 403: ");
    expect(said).not.toContain("T0PS3CRET");
    expect(said).not.toContain("very-private");
  });

  it("with a certificate of its own is refused, unless its authority is declared", async () => {
    const certificate = selfSigned(testFolder());
    const { url, received } = await receiver(undefined, certificate);
    const { attempt } = await setting({
      strange: { type: "webhook", url },
      known: { type: "webhook", url, ca_cert: certificate.certFile },
    });
    expect(await attempt("strange")).toMatch(/did not answer: self-signed certificate$/);
    expect(received).toEqual([]);
    expect(await attempt("known")).toBe("sent");
  });

  it("whose secret holds no web address is not asked", async () => {
    const { attempt } = await setting(
      { hook: { type: "webhook", url: { env: "HOOK_URL" } } },
      { HOOK_URL: "file:///etc/passwd" },
    );
    const said = await attempt("hook");
    expect(said).toContain("its address is not an http:// or https:// address");
    expect(said).not.toContain("passwd");
  });

  it("that does not answer is given up after 15 seconds", async () => {
    const { url } = await receiver(() => "never");
    const { attempt } = await setting({ hook: { type: "webhook", url } });
    const began = performance.now();
    expect(await attempt("hook")).toBe("The notifier hook could not send: there was no answer within 15 seconds.");
    expect(performance.now() - began).toBeGreaterThan(14_000);
  });
});
