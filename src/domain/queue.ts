/** What a queued run is to do; data, because another process may carry it out. */
export type QueuedWork =
  | {
      kind: "backup";
      /** Only to these destinations: a retry of what failed. */
      only?: string[];
      /** Create a repository anew although its destination was used before. */
      initialise: boolean;
    }
  | { kind: "retain" }
  | { kind: "prune" }
  /** Structure only, the next part of the data, or all of it. */
  | { kind: "check"; data: "none" | "part" | "all" };
