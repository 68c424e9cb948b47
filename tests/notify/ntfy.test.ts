import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { describeNeeding } from "../support/needs.ts";
import { ntfyMessages } from "../support/ntfy.ts";
import { servers } from "../support/servers.ts";
import { setting } from "./setting.ts";

const topic = (): string => `backups-${randomBytes(6).toString("hex")}`;

describeNeeding("ntfy")("ntfy", () => {
  it("stores title, text, priority, tags and link of a failure, sent with a token", async () => {
    const { ntfy } = servers();
    const name = topic();
    const { attempt } = await setting({
      phone: {
        type: "ntfy",
        url: ntfy.url,
        topic: name,
        token: ntfy.token,
        tags: ["homelab"],
        click: "https://backup.home.example/",
      },
    });
    expect(await attempt("phone")).toBe("sent");
    expect(await ntfyMessages(ntfy, name)).toMatchObject([
      {
        title: "immich: backup FAILED",
        message:
          "The backup of immich on box failed after 2 min 13 s. Nothing was stored.\n\nThe database »immich« cannot be reached: connection refused\n\nCheck that the server runs.",
        priority: 4,
        tags: ["rotating_light", "homelab"],
        click: "https://backup.home.example/",
      },
    ]);
  });

  it("takes user and password, and the priority that is declared for a kind", async () => {
    const { ntfy } = servers();
    const name = topic();
    const { username, password } = ntfy;
    const { attempt } = await setting(
      {
        phone: {
          type: "ntfy",
          url: ntfy.url,
          topic: name,
          username,
          password: { env: "NTFY" },
          priorities: { failure: "max", success: "min" },
        },
      },
      { NTFY: password },
    );
    expect(await attempt("phone")).toBe("sent");
    expect(await attempt("phone", { kind: "success" })).toBe("sent");
    expect(await attempt("phone", { kind: "stale" })).toBe("sent");
    const priorities = (await ntfyMessages(ntfy, name)).map(({ priority }) => priority);
    expect(priorities).toEqual([5, 1, 4]);
  });

  it("cuts a text that ntfy would make a file of", async () => {
    const { ntfy } = servers();
    const name = topic();
    const { attempt } = await setting({ phone: { type: "ntfy", url: ntfy.url, topic: name, token: ntfy.token } });
    expect(await attempt("phone", { why: "ü".repeat(5000) })).toBe("sent");
    const [message] = await ntfyMessages(ntfy, name);
    expect(message?.message).toMatch(/^The backup of immich.*ü…$/s);
    expect(message).not.toHaveProperty("attachment");
  });

  it("says who refused and why when the token is wrong, and not which token", async () => {
    const { ntfy } = servers();
    const token = `tk_${randomBytes(14).toString("hex").slice(0, 29)}`;
    const { attempt } = await setting({ phone: { type: "ntfy", url: ntfy.url, topic: topic(), token } });
    const said = await attempt("phone");
    expect(said).toContain(`The notifier phone could not send: ${ntfy.url} answered 401`);
    expect(said).not.toContain(token);
  });
});
