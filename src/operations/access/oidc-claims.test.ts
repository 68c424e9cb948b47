import { describe, expect, test } from "vitest";
import { userNamePattern } from "../../domain/access.ts";
import type { OidcSettings } from "../../domain/daemon-settings.ts";
import { namesFor, scopeOf, valuesOf } from "./oidc-claims.ts";

const settings = (claim: string): OidcSettings => ({
  issuer: "https://id.home.example",
  clientId: "holdfast",
  claim,
  admins: ["Ada@home.example", "admins"],
  operators: ["operators"],
  readers: ["everyone"],
});

describe("what a provider's claims allow", () => {
  test("is the most that one of the values is listed for", () => {
    expect(scopeOf(["everyone", "operators"], settings("groups"))).toBe("operate");
    expect(scopeOf(["everyone", "admins", "operators"], settings("groups"))).toBe("admin");
    expect(scopeOf(["everyone"], settings("groups"))).toBe("read");
    expect(scopeOf(["strangers"], settings("groups"))).toBeUndefined();
    expect(scopeOf([], settings("groups"))).toBeUndefined();
  });

  test("does not depend on how an e-mail address is capitalised; groups do", () => {
    expect(scopeOf(["ada@HOME.example"], settings("email"))).toBe("admin");
    expect(scopeOf(["Admins"], settings("groups"))).toBeUndefined();
  });

  test("comes from a text, a list or within an object, and from nothing else", () => {
    expect(valuesOf({ groups: ["a", 1, null, "b"] }, "groups")).toEqual(["a", "b"]);
    expect(valuesOf({ role: "a" }, "role")).toEqual(["a"]);
    expect(valuesOf({ realm_access: { roles: ["a"] } }, "realm_access.roles")).toEqual(["a"]);
    expect(valuesOf({ "https://x/roles": ["a"] }, "https://x/roles")).toEqual(["a"]);
    expect(valuesOf({}, "constructor.name")).toEqual([]);
    expect(valuesOf({ groups: { a: true } }, "groups")).toEqual([]);
  });

  test("is nothing when the address has not been verified", () => {
    expect(valuesOf({ email: "ada@home.example", email_verified: false }, "email")).toEqual([]);
    expect(valuesOf({ email: "ada@home.example", email_verified: true }, "email")).toEqual(["ada@home.example"]);
    expect(valuesOf({ email: "ada@home.example" }, "email")).toEqual(["ada@home.example"]);
  });
});

test("whoever is new gets a name that is allowed, the plainest first", () => {
  const claims = { preferred_username: "Ada Lovelace", email: "ada@home.example", name: "Ada 💾" };
  const names = namesFor(claims, "https://id.home.example:8443", "sub-1");
  expect(names).toEqual([
    "Ada-Lovelace",
    "ada@home.example",
    "Ada-",
    "Ada-Lovelace@id.home.example-8443",
    "sub-1@id.home.example-8443",
  ]);
  for (const name of [...names, ...namesFor({ name: "💾" }, "https://id", "!")]) expect(name).toMatch(userNamePattern);
});
