export type RunKind = "backup" | "restore" | "retain" | "prune" | "check";

export type RunState = "queued" | "running" | "success" | "warning" | "failed" | "cancelled";

/** The states in which a run ends. */
export type Outcome = Exclude<RunState, "queued" | "running">;

/** Who asked: only a scheduled run may find that nothing has changed and store nothing. */
export type RequestedBy = "person" | "schedule";
