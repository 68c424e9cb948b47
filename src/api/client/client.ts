import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.ts";

/** What the API sends and takes, by name: `Schemas["Snapshot"]`. */
export type Schemas = components["schemas"];

export type HoldfastClient = Client<paths>;

export interface ClientOptions {
  /** Where the daemon is reached, such as http://127.0.0.1:8420; in a browser its own page's origin. */
  url: string;
  /** An API token; a browser's session cookie goes along without. */
  token?: string;
  fetch?: typeof globalThis.fetch;
}

/** A client whose calls are checked by the compiler against the API's own schemas. */
export function holdfastClient({ url, token, fetch = globalThis.fetch }: ClientOptions): HoldfastClient {
  return createClient<paths>({
    baseUrl: url,
    fetch: async (request) => await fetch(request),
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
}
