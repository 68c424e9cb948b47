import type { CatalogueEntry } from "../entry.ts";

export const secretsErrors = {} as const satisfies Record<string, CatalogueEntry>;
