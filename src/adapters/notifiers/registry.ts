import type { NotifierKind } from "./kind.ts";

/** Every kind of notifier: a new one is its file and a line here. */
export const notifierKinds: readonly NotifierKind[] = [];
