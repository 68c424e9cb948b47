import type { Generated } from "kysely";

/** The state's tables. Ids are UUIDs as text, times UTC ISO 8601, booleans 0 or 1, documents JSON text. */
export interface Schema {
  runs: RunsTable;
  snapshots: SnapshotsTable;
  destinations: DestinationsTable;
  secrets: SecretsTable;
  turns: TurnsTable;
  events: EventsTable;
  checks: ChecksTable;
  dumps: DumpsTable;
}

export interface RunsTable {
  id: string;
  kind: string;
  app: string | null;
  destination: string | null;
  state: string;
  requested_by: string;
  dry_run: number;
  queued_at: string;
  started_at: string | null;
  finished_at: string | null;
  /** JSON of an Owner: who works on it. */
  owner: string;
  heartbeat_at: string;
  /** JSON of Problem[]. */
  problems: string;
  /** JSON of the latest progress event, for followers. */
  progress: string | null;
}

export interface SnapshotsTable {
  id: string;
  run_id: string;
  app: string;
  destination: string;
  status: string;
  verdict: string | null;
  restic_id: string | null;
  time: string | null;
  host: string;
  paths: string;
  tags: string;
  summary: string | null;
  fingerprint: string | null;
  parts: string;
  pinned: number;
  started_at: string;
  completed_at: string | null;
  forgotten_at: string | null;
  duration_ms: number | null;
  problem: string | null;
}

export interface DestinationsTable {
  name: string;
  /** restic's own id; a different one under the same name is refused. */
  repository_id: string;
  location: string;
  first_used_at: string;
  last_retained_at: string | null;
  last_pruned_at: string | null;
  size_bytes: number | null;
}

export interface SecretsTable {
  name: string;
  sealed: string;
  created_at: string;
}

export interface TurnsTable {
  id: string;
  destination: string;
  mode: string;
  owner: string;
  what: string;
  /** Waiting until it is granted; asked_at orders those who wait. */
  granted: number;
  asked_at: string;
  heartbeat_at: string;
}

export interface EventsTable {
  id: Generated<number>;
  run_id: string;
  at: string;
  type: string;
  body: string;
}

export interface ChecksTable {
  id: string;
  destination: string;
  at: string;
  scope: string;
  outcome: string;
  problems: string;
  duration_ms: number;
}

export interface DumpsTable {
  run_id: string;
  app: string;
  database: string;
  type: string;
  bytes: number;
  duration_ms: number;
  finished_at: string;
}
