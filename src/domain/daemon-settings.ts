import type { SecretRef } from "./atoms/secret-ref.ts";

/** How the daemon works. What is absent has a default, which stands where it is used. */
export interface DaemonSettings {
  /** Address and port; 127.0.0.1:8420. */
  listen?: { host: string; port: number };
  /** How the daemon is reached from outside, for cookies, OIDC and links: such as https://backup.home.example. */
  publicUrl?: string;
  limits?: Limits;
  maintenance?: MaintenanceSchedule;
  /** How long a stopping daemon lets runs go on. */
  graceMs?: number;
  /** How old the newest complete dump of a declared database may be for `healthcheck`. */
  dumpMaxAgeMs?: number;
  /** Below these folders the API may restore. */
  restoreRoots?: string[];
  /** `/metrics` wants no token. */
  openMetrics?: boolean;
  /** How long finished runs, their events and the audit log are kept. */
  historyMs?: number;
  oidc?: OidcSettings;
}

/** How many runs go on at once, over all daemons of one state. */
export interface Limits {
  runs?: number;
  perDevice?: number;
  perDestination?: number;
}

/** Cron lines in this machine's time zone. */
export interface MaintenanceSchedule {
  retain?: string;
  prune?: string;
  check?: string;
}

export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret?: SecretRef;
  /** Who may come in: values of the claim. */
  claim: string;
  /** An address of which the provider does not say whether it has verified it counts too. */
  trustEmail?: boolean;
  admins: string[];
  operators: string[];
  readers: string[];
}
