import type { Outcome, RunKind } from "./run-state.ts";

/** What people may want to hear of. `started` is for services that watch whether a run ends. */
export const notificationKinds = [
  "started",
  "success",
  "warning",
  "failure",
  "stale",
  "recovered",
  "drill",
  "maintenance",
  "test",
] as const;

export type NotificationKind = (typeof notificationKinds)[number];

/** One thing to tell, complete in itself: it is kept and sent later, perhaps by another process. */
export interface Notification {
  id: string;
  kind: NotificationKind;
  /** ISO 8601, UTC. */
  at: string;
  /** The machine on which it happened. */
  device: string;
  app?: string;
  destination?: string;
  runId?: string;
  /** Which run ended or began, where it tells of one. */
  run?: RunKind;
  outcome?: Outcome;
  /** One line. */
  title: string;
  /** What happened, why, and what to do; without secrets. */
  what: string;
  why?: string;
  todo?: string;
}

/** A notifier as it was declared; `spec` has been checked by its kind's own schema. */
export interface NotifierDeclaration {
  name: string;
  type: string;
  spec: unknown;
  /** Which kinds it is sent; undefined for what its kind usually wants. */
  on?: NotificationKind[];
  /** Only of these apps; undefined for all. */
  apps?: string[];
  enabled: boolean;
  origin: string;
}
