import type { Secret } from "../../../base/secrets/secret.ts";

/** How restic reaches one repository. */
export interface Connection {
  /** Value of RESTIC_REPOSITORY. Without credentials. */
  repository: string;
  /** For messages, as a person would write it. */
  location: string;
  /** Credentials and settings of the kind. Secrets go here and nowhere else (law 5). */
  env: Readonly<Record<string, string | Secret>>;
  /** A file into which the program between restic and the server (ssh) writes what stood in its way. */
  log?: string;
  /** Extended options, `key=value`. Without secrets: they are part of argv. */
  options: readonly string[];
}
