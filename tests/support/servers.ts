import { inject } from "vitest";
import type { Server } from "./server.ts";
import type { starters } from "./starters.ts";

export type ServerName = keyof typeof starters;

/** Addresses and credentials of each server. */
export type Servers = {
  [Name in ServerName]: ReturnType<(typeof starters)[Name]> extends Promise<Server<infer Details>> ? Details : never;
};

/** What the setup hands to the tests: details, or why the server could not be started here. */
export type Started = { [Name in ServerName]: Servers[Name] | { unavailable: string } };

declare module "vitest" {
  interface ProvidedContext {
    servers: Started;
  }
}

/**
 * The running servers. Using one that could not be started throws: a test that may meet that says so by
 * `describeNeeding("mariadb")`, and is then skipped with the reason.
 */
export function servers(): Servers {
  const started = inject("servers");
  return new Proxy(started, { get: (_, name) => usable(Reflect.get(started, name)) }) as Servers;
}

/** Only use throws, so that a test file can be read where its server is not to be had. */
function usable(details: unknown): unknown {
  if (!isUnavailable(details)) return details;
  const refuse = (): never => {
    throw new Error(details.unavailable);
  };
  return new Proxy({}, { get: refuse, ownKeys: refuse });
}

export function isUnavailable(details: unknown): details is { unavailable: string } {
  return typeof details === "object" && details !== null && "unavailable" in details;
}
