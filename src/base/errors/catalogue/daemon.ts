import type { CatalogueEntry } from "../entry.ts";

export const daemonErrors = {} as const satisfies Record<string, CatalogueEntry>;
