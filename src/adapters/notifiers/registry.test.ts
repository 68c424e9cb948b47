import { describe, expect, it } from "vitest";
import { notificationKinds } from "../../domain/notification.ts";
import { notifierKinds } from "./registry.ts";

const right: Record<string, object> = {
  ntfy: { topic: "backups" },
  webhook: { url: "https://hooks.example/in" },
  healthchecks: { url: "https://hc-ping.com/{app}" },
  email: { host: "mail.example", from: "a@example.org", to: "b@example.org" },
};

const check = (type: string, entry: object): string[] => {
  const parsed = notifierKinds.find((kind) => kind.type === type)?.spec.safeParse(entry);
  return parsed?.error?.issues.map(({ message }) => message) ?? [];
};

describe("every kind of notifier", () => {
  it.each(notifierKinds)("$type takes its spec, again where it is opened, and knows what it usually wants", (kind) => {
    const spec = kind.spec.parse(right[kind.type]);
    expect(kind.spec.parse(spec)).toEqual(spec);
    expect(kind.usual.length).toBeGreaterThan(0);
    expect(notificationKinds).toEqual(expect.arrayContaining([...kind.usual]));
  });

  it.each(notifierKinds)("$type refuses a key that it does not know", ({ type }) => {
    expect(check(type, { ...right[type], no_such_key: 1 })).toHaveLength(1);
  });
});

describe("addresses", () => {
  const bad = [
    "file:///etc/passwd",
    "ftp://files.example/x",
    "gopher://x",
    "//hooks.example/in",
    "https://me:mine@hooks.example/",
    "https://hooks.example/\nX-Header: 1",
    "nowhere",
  ];
  it.each(bad)("like %j are refused", (url) => {
    expect(check("webhook", { url })).not.toEqual([]);
    expect(check("healthchecks", { url })).not.toEqual([]);
    expect(check("healthchecks", { urls: { immich: url } })).not.toEqual([]);
    expect(check("ntfy", { topic: "backups", url })).not.toEqual([]);
  });
});

describe("a spec", () => {
  const mail = { host: "mail.example", from: "a@example.org", to: "b@example.org" };
  const wrong: [string, object][] = [
    ["ntfy", { topic: "with space" }],
    ["ntfy", { topic: "t", token: "x", username: "u", password: "p" }],
    ["ntfy", { topic: "t", username: "u" }],
    ["ntfy", { topic: "t", priorities: { failure: "loud" } }],
    ["webhook", { url: "https://h.example", headers: { "x-holdfast-signature": "x" } }],
    ["webhook", { url: "https://h.example", headers: { "bad header": "x" } }],
    ["healthchecks", {}],
    ["email", { ...mail, username: "u" }],
    ["email", { ...mail, username: "u", password: "p", tls: "none" }],
    ["email", { ...mail, to: [] }],
    ["email", { ...mail, to: "b@example.org\nBcc: c@example.org" }],
    ["email", { ...mail, from: "a@example.org, c@example.org" }],
  ];
  it.each(wrong)("of %s like %j is refused", (type, entry) => {
    expect(check(type, entry)).not.toEqual([]);
  });
});
