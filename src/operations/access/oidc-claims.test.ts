import { describe, expect, test } from "vitest";
import { userNamePattern } from "../../domain/access.ts";
import type { OidcSettings } from "../../domain/daemon-settings.ts";
import { merged, namesFor, scopeOf, valuesOf } from "./oidc-claims.ts";

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
    expect(valuesOf({ groups: ["a", 1, null, "b"] }, { claim: "groups" })).toEqual(["a", "b"]);
    expect(valuesOf({ role: "a" }, { claim: "role" })).toEqual(["a"]);
    expect(valuesOf({ realm_access: { roles: ["a"] } }, { claim: "realm_access.roles" })).toEqual(["a"]);
    expect(valuesOf({ "https://x/roles": ["a"] }, { claim: "https://x/roles" })).toEqual(["a"]);
    expect(valuesOf({}, { claim: "constructor.name" })).toEqual([]);
    expect(valuesOf({ groups: { a: true } }, { claim: "groups" })).toEqual([]);
  });

  test("is nothing when the address has not been verified", () => {
    expect(valuesOf({ email: "ada@home.example", email_verified: false }, { claim: "email" })).toEqual([]);
    expect(valuesOf({ email: "ada@home.example", email_verified: true }, { claim: "email" })).toEqual([
      "ada@home.example",
    ]);
    expect(valuesOf({ email: "ada@home.example", email_verified: "true" }, { claim: "email" })).toHaveLength(1);
  });

  test("is nothing when the provider does not say so, unless the configuration trusts it", () => {
    const silent = { email: "ada@home.example" };
    expect(valuesOf(silent, { claim: "email" })).toEqual([]);
    expect(valuesOf(silent, { claim: "email", trustEmail: true })).toEqual(["ada@home.example"]);
    expect(valuesOf({ ...silent, email_verified: false }, { claim: "email", trustEmail: true })).toEqual([]);
  });

  test("is not lent by one source's verified address to the other's", () => {
    const verified = { email: "eve@home.example", email_verified: true };
    const mixed = merged(verified, { sub: "1", email: "ada@home.example" });
    expect(valuesOf(mixed, { claim: "email" })).toEqual([]);
    const other = merged({ email: "ada@home.example" }, { sub: "1", email_verified: true });
    expect(valuesOf(other, { claim: "email" })).toEqual([]);
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
