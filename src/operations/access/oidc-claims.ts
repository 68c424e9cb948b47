import type { AccessScope } from "../../domain/access.ts";
import type { OidcSettings } from "../../domain/daemon-settings.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** The values of the claim that decides; a path such as `realm_access.roles` reaches into a claim that is an object. */
export function valuesOf(claims: Claims, { claim, trustEmail }: Pick<OidcSettings, "claim" | "trustEmail">): string[] {
  if (claim === "email" && !isVerified(claims["email_verified"], trustEmail)) return [];
  const found = claim in claims ? claims[claim] : within(claims, claim.split("."));
  const values: readonly unknown[] = Array.isArray(found) ? found : [found];
  return values.filter((value) => typeof value === "string");
}

/** An address that the provider has not verified may be anybody's. Some providers say "true" (Cognito does). */
function isVerified(said: unknown, trustEmail = false): boolean {
  return said === true || said === "true" || (said === undefined && trustEmail);
}

/** Both sources in one, the ID token's above userinfo's; an address counts with what its own source says of it. */
export function merged<Proven extends Claims>(told: Claims, proven: Proven): Proven & Claims {
  const { email, email_verified } = "email" in proven ? proven : told;
  return { ...told, ...proven, email, email_verified };
}

function within(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, first)) return undefined;
  return within(Reflect.get(value, first), rest);
}

/** What these values may do: the most that one of them is listed for; undefined when none is. */
export function scopeOf(values: readonly string[], settings: OidcSettings): AccessScope | undefined {
  const plain = (value: string): string => (settings.claim === "email" ? value.toLowerCase() : value);
  const has = (listed: readonly string[]): boolean => listed.some((one) => values.map(plain).includes(plain(one)));
  if (has(settings.admins)) return "admin";
  if (has(settings.operators)) return "operate";
  return has(settings.readers) ? "read" : undefined;
}

/** Names to try for someone new, the plainest first; the last is nobody else's. */
export function namesFor(claims: Claims, issuer: string, subject: string): string[] {
  const { host } = new URL(issuer);
  const plain = [claims["preferred_username"], claims["email"], claims["name"]].filter(
    (name) => typeof name === "string",
  );
  const [first = "user"] = plain;
  return [...plain, `${first}@${host}`, `${subject}@${host}`].map(asName).filter((name) => name !== "");
}

/** As `userNamePattern` wants it. */
function asName(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._@+-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 100);
}
