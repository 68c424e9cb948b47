import { describe, expect, it } from "vitest";
import { receiver } from "../support/receiver.ts";
import { example, setting } from "./setting.ts";

describe("healthchecks pings", () => {
  it("go to /start, to the address itself, and to /fail, tied together by the run", async () => {
    const { url, received } = await receiver();
    const { attempt } = await setting({ hc: { type: "healthchecks", url: `${url}/ping/abc?create=1` } });
    const { runId } = example();
    const run = runId === undefined ? {} : { runId };
    for (const kind of ["started", "success", "failure", "warning", "recovered", "maintenance"] as const) {
      expect(await attempt("hc", { ...run, kind, outcome: "success" })).toBe("sent");
    }
    const end = `?create=1&rid=${runId}`;
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /ping/abc/start${end}`,
      `POST /ping/abc${end}`,
      `POST /ping/abc/fail${end}`,
      `POST /ping/abc${end}`,
      `POST /ping/abc${end}`,
      `POST /ping/abc/log${end}`,
    ]);
    expect(received[2]?.body).toContain("The backup of immich on box failed");
  });

  it("have an address for each app: by its own, else by the placeholder", async () => {
    const { url, received } = await receiver();
    const { attempt } = await setting({
      hc: { type: "healthchecks", url: `${url}/key/{app}`, urls: { immich: `${url}/own` } },
    });
    await attempt("hc", { kind: "success", runId: "" });
    await attempt("hc", { kind: "success", runId: "", app: "Paper.less@nas" });
    expect(received.map(({ path }) => path)).toEqual(["/own", "/key/paper-less-nas"]);
  });

  it("say nothing of restores and upkeep, which are no backups", async () => {
    const { url, received } = await receiver();
    const { attempt } = await setting({ hc: { type: "healthchecks", url } });
    expect(await attempt("hc", { kind: "success", run: "restore" })).toBe("sent");
    expect(await attempt("hc", { kind: "failure", run: "prune" })).toBe("sent");
    expect(received).toEqual([]);
  });

  it("call a cancelled backup a failure, and one with warnings what was declared", async () => {
    const { url, received } = await receiver();
    const { attempt } = await setting({
      hc: { type: "healthchecks", url: `${url}/a` },
      strict: { type: "healthchecks", url: `${url}/b`, warnings: "fail" },
    });
    await attempt("hc", { kind: "warning", outcome: "cancelled", runId: "" });
    await attempt("hc", { kind: "warning", outcome: "warning", runId: "" });
    await attempt("strict", { kind: "warning", outcome: "warning", runId: "" });
    expect(received.map(({ path }) => path)).toEqual(["/a/fail", "/a", "/b/fail"]);
  });

  it("to a check that nobody knows are not taken for sent, although the service answers 200", async () => {
    const { url } = await receiver(() => ({ status: 200, body: "OK (not found)" }));
    const { attempt } = await setting({ hc: { type: "healthchecks", url } });
    expect(await attempt("hc")).toBe(`The notifier hc could not send: ${url} knows no check of that address.`);
  });

  it("to Uptime Kuma are up and down in its own way, and nothing when a run starts", async () => {
    const { url, received } = await receiver(() => ({ status: 200, body: '{"ok":true}' }));
    const { attempt } = await setting({
      kuma: { type: "healthchecks", url: `${url}/api/push/T0k3n?status=up&msg=OK&ping=` },
    });
    for (const kind of ["started", "failure", "success"] as const) await attempt("kuma", { kind });
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /api/push/T0k3n?status=down&msg=immich%3A+backup+FAILED&ping=",
      "GET /api/push/T0k3n?status=up&msg=immich%3A+backup+FAILED&ping=",
    ]);
  });
});
