import type { CatalogueEntry } from "../entry.ts";

export const apiErrors = {} as const satisfies Record<string, CatalogueEntry>;
