export const destinationsPath = "/api/v1/backup/destinations";

/** A destination as the API tells of it. */
export interface Destination {
  id: string;
  name: string;
  type: string;
  repo_initialized: boolean;
  total_snapshots: number;
  total_size: number | null;
  last_backup_at: string | null;
  local_path?: string;
  location: string;
  [field: string]: unknown;
}

/** What went wrong. */
export interface Problem {
  code: string;
  status: number;
  detail: string;
}
