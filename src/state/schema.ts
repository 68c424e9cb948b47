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
  declarations: DeclarationsTable;
  schedules: SchedulesTable;
  alerts: AlertsTable;
  outbox: OutboxTable;
  users: UsersTable;
  sessions: SessionsTable;
  tokens: TokensTable;
  audit: AuditTable;
  daemons: DaemonsTable;
  notes: NotesTable;
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
  /** JSON of an Owner: who works on it; null as long as it is queued. */
  owner: string | null;
  heartbeat_at: string;
  /** JSON of what a queued run is to do. */
  work: string | null;
  /** The due time that it is for, such as `backup:box/immich:2026-11-20T02:00:00.000Z`: no two runs have the same. */
  slot: string | null;
  /** Not to be begun before. */
  not_before: string | null;
  /** 1, and one more for each retry. */
  attempt: number;
  /** The only node that may carry it out; null for any. */
  node: string | null;
  /** JSON of the names of the destinations that it uses. */
  destinations: string;
  /** Earlier waves of apps come first. */
  wave: number;
  /** Which come first in the queue, before the wave and the time count: lower ones. */
  rank: Generated<number>;
  cancel_requested_at: string | null;
  /** The run that tries again what this one failed of; `none` when it was judged to be of no use. */
  followed_by: string | null;
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

/** What the API declared: the body is the entry as it could stand in holdfast.yaml, its secrets replaced by references. */
export interface DeclarationsTable {
  kind: string;
  name: string;
  body: string;
  created_at: string;
  updated_at: string;
  created_by: string;
}

/** How far the schedule has come, per app and per destination's maintenance. */
export interface SchedulesTable {
  /** `backup:DEVICE/APP`, `fresh:DEVICE/APP DESTINATION`, `retain:DESTINATION`, … */
  key: string;
  first_seen_at: string;
  /** The newest due time for which a run was queued. */
  last_due_at: string;
}

export interface AlertsTable {
  id: string;
  kind: string;
  /** What it is about, once while it lasts: `DEVICE/APP DESTINATION`. */
  subject: string;
  app: string | null;
  destination: string | null;
  raised_at: string;
  cleared_at: string | null;
  /** JSON of a Problem. */
  problem: string;
}

/** Notifications that are to be sent, or were. */
export interface OutboxTable {
  id: string;
  notifier: string;
  /** JSON of a Notification. */
  body: string;
  created_at: string;
  attempts: number;
  next_attempt_at: string;
  sent_at: string | null;
  /** Given up, or no longer wanted. */
  dropped_at: string | null;
  last_error: string | null;
}

export interface UsersTable {
  id: string;
  name: string;
  /** argon2id, encoded; null for those who come by OIDC. */
  password_hash: string | null;
  oidc_subject: string | null;
  scope: string;
  created_at: string;
  disabled_at: string | null;
}

export interface SessionsTable {
  /** SHA-256 of the cookie's value. */
  hash: string;
  user_id: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
}

export interface TokensTable {
  id: string;
  name: string;
  /** SHA-256 of the token. */
  hash: string;
  scope: string;
  created_by: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface AuditTable {
  id: Generated<number>;
  at: string;
  /** `user:NAME`, `token:NAME`, `setup`, `anonymous`. */
  actor: string;
  address: string;
  /** What was asked, such as `POST /api/v1/backup/policies`. */
  action: string;
  /** What it was about, such as `policy weekly`; without secrets. */
  subject: string;
  status: number;
}

/** The daemons that work on this state. */
export interface DaemonsTable {
  owner: string;
  node: string;
  address: string;
  version: string;
  started_at: string;
  heartbeat_at: string;
}

/** Single facts, such as the hash of the set-up token. */
export interface NotesTable {
  key: string;
  value: string;
}
