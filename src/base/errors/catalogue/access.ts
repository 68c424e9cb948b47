import type { CatalogueEntry } from "../entry.ts";

export const accessErrors = {} as const satisfies Record<string, CatalogueEntry>;
