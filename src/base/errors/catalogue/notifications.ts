import type { CatalogueEntry } from "../entry.ts";

export const notificationsErrors = {} as const satisfies Record<string, CatalogueEntry>;
