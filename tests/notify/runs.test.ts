import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Notification } from "../../src/domain/notification.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { describeNeeding } from "../support/needs.ts";
import { ntfyMessages } from "../support/ntfy.ts";
import { receiver } from "../support/receiver.ts";
import { servers } from "../support/servers.ts";

interface Lab extends Homelab {
  data: string;
}

function labWith(notifications: object): Lab {
  const lab = homelab();
  const data = join(lab.folder, "data");
  mkdirSync(data);
  writeFileSync(join(data, "file"), "content");
  lab.declare({
    destinations: { nas: { type: "local", path: join(lab.folder, "nas") } },
    apps: { immich: { paths: [data] }, paperless: { paths: [data] } },
    notifications,
  });
  return { ...lab, data };
}

const told = (received: readonly { body: string }[]): Notification[] =>
  received.map(({ body }) => JSON.parse(body) as Notification);

describe("a backup on the command line", () => {
  it("pings its start, then its success", async () => {
    const { url, received } = await receiver();
    const lab = labWith({ hc: { type: "healthchecks", url: `${url}/{app}` } });
    expect((await lab.run(["backup", "immich"])).code).toBe(0);
    const paths = received.map(({ path }) => path.replace(/\?rid=.*/, ""));
    expect(paths).toEqual(["/immich/start", "/immich"]);
    expect(received[1]?.body).toMatch(
      /^immich: backup succeeded\n\nThe backup of immich on .+ succeeded, in .+ s\. Stored in nas, .+ added\.$/,
    );
  });

  it("tells of a failure what, why and what to do, and then that it works again", async () => {
    const { url, received } = await receiver();
    const lab = labWith({
      people: { type: "webhook", url: `${url}/in` },
      log: { type: "webhook", url: `${url}/log`, on: "success" },
    });
    rmSync(lab.data, { recursive: true });
    expect((await lab.run(["backup", "immich"])).code).toBe(1);
    mkdirSync(lab.data);
    writeFileSync(join(lab.data, "file"), "content");
    expect((await lab.run(["backup", "immich"])).code).toBe(0);
    const people = told(received.filter(({ path }) => path === "/in"));
    expect((await lab.run(["backup", "immich"])).code).toBe(0);
    expect(received.filter(({ path }) => path === "/in")).toHaveLength(people.length);
    expect(people).toMatchObject([
      {
        kind: "failure",
        app: "immich",
        title: "immich: backup FAILED",
        what: expect.stringMatching(/^The backup of immich on .+ failed after .+ s\. Nothing was stored\.$/) as string,
        why: expect.stringContaining(`${lab.data} of immich does not exist.`) as string,
        todo: expect.stringContaining("Is a disk not mounted?") as string,
      },
      { kind: "recovered", title: "immich: backup works again" },
    ]);
    const log = told(received.filter(({ path }) => path === "/log"));
    expect(log.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      "success immich: backup succeeded",
      "success immich: backup succeeded",
    ]);
  });

  it("succeeds although its notifier is down, says so, and the next command sends what waits", async () => {
    let up = false;
    const { url, received } = await receiver(() => ({ status: up ? 200 : 503 }));
    const lab = labWith({ hook: { type: "webhook", url: `${url}/in`, on: ["success"] } });
    const outcome = await lab.run(["backup", "immich"]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain(`The notifier hook could not send: ${url} answered 503.`);
    expect(received.length).toBeGreaterThan(0);
    up = true;
    const before = received.length;
    await waitedFor(async () => {
      expect((await lab.run(["settle"])).code).toBe(0);
      return received.length > before;
    });
    expect(told(received).at(-1)).toMatchObject({ kind: "success", app: "immich" });
  });

  it("waits for a notifier that hangs ten seconds at most", async () => {
    const { url } = await receiver(() => "never");
    const lab = labWith({ hook: { type: "webhook", url: `${url}/in`, on: ["success"] } });
    const outcome = await lab.run(["backup", "immich"]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain("there was no answer yet when Holdfast had to end.");
  });

  it("tells nothing as a dry run", async () => {
    const { url, received } = await receiver();
    const lab = labWith({ hook: { type: "webhook", url: `${url}/in`, on: ["started", "success", "failure"] } });
    expect((await lab.run(["backup", "immich", "--dry-run"])).code).toBe(0);
    expect(received).toEqual([]);
  });

  it("keeps the notifiers' secrets out of its output and its home", async () => {
    const { url } = await receiver(({ headers, path }) => ({
      status: 500,
      body: `${path} ${String(headers["x-key"])}`,
    }));
    const key = `k3y-${randomBytes(8).toString("hex")}`;
    const path = `hook-${randomBytes(8).toString("hex")}`;
    const lab = labWith({
      hook: { type: "webhook", url: `${url}/${path}`, on: ["success"], headers: { "X-Key": key }, secret: key },
    });
    const outcomes = [
      await lab.run(["backup", "--json"]),
      await lab.run(["notify", "test"]),
      await lab.run(["notify", "test", "--json"]),
      await lab.run(["config", "check", "--json"]),
    ];
    expect(outcomes.map(({ code }) => code)).toEqual([0, 1, 1, 0]);
    const files = readdirSync(lab.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, "latin1"));
    const everything = [...files, ...outcomes.flatMap(({ stdout, stderr }) => [stdout, stderr])].join("\n");
    expect(everything).toContain("answered 500");
    expect(everything).not.toContain(key);
    expect(everything).not.toContain(path);
  });
});

describeNeeding("ntfy")("holdfast notify test", () => {
  it("says of each notifier what became of the test, and exits 1 when one failed", async () => {
    const { ntfy } = servers();
    const topic = `test-${randomBytes(6).toString("hex")}`;
    const { url, received } = await receiver(() => ({ status: 404, body: "no such hook" }));
    const lab = labWith({
      phone: { type: "ntfy", url: ntfy.url, topic, token: ntfy.token, on: ["stale"] },
      hook: { type: "webhook", url: `${url}/in` },
      off: { type: "webhook", url: `${url}/off`, enabled: false },
    });
    const outcome = await lab.run(["notify", "test"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/✔ +phone +ntfy +sent/);
    expect(outcome.stdout).toMatch(/✖ +hook +webhook +failed/);
    const said = outcome.stdout.replaceAll(/\s+/g, " ");
    expect(said).toContain(`The notifier hook could not send: ${url} answered 404: no such hook`);
    expect(received.map(({ path }) => path)).toEqual(["/in"]);
    expect(await ntfyMessages(ntfy, topic)).toMatchObject([{ title: "Holdfast: test", tags: ["bell"] }]);

    const named = await lab.json<{ notifiers: object[] }>(["notify", "test", "phone"]);
    expect(named.notifiers).toMatchObject([{ notifier: "phone", type: "ntfy", sent: true }]);
    expect(existsSync(join(lab.home, "state.db"))).toBe(false);
  });

  it("names what is declared when there is no such notifier, or none at all", async () => {
    const lab = labWith({ phone: { type: "ntfy", topic: "x" } });
    const wrong = await lab.run(["notify", "test", "phne"]);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain("Declared are: phone.");
    const none = await labWith({}).run(["notify", "test"]);
    expect(none.code).toBe(5);
    expect(none.stderr).toContain("No notifier is declared.");
  });
});

/** Waits until a look succeeds; the test's own time limit ends it otherwise. */
async function waitedFor(look: () => Promise<boolean>): Promise<void> {
  while (!(await look()));
}
