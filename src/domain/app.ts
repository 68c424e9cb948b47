import type { Keep } from "./atoms/keep.ts";
import type { DatabaseDeclaration } from "./database.ts";
import type { AppName, DestinationName, PolicyName } from "./names.ts";

/** A command that a person wants run around a backup. The one place where a shell is allowed, because they wrote it. */
export interface Hook {
  /** An argument list, or a line for `sh -c`. */
  command: string | readonly [string, ...string[]];
  /** Ended after this long. Default 5 minutes. */
  limitMs: number;
}

/** The thing a person wants back: a service with its files and databases. */
export interface App {
  name: AppName;
  /** Value of restic's --host: the device's name. */
  device: string;
  paths: string[];
  /** restic's exclude patterns. */
  exclude: string[];
  databases: DatabaseDeclaration[];
  /** `after` hooks always run once a `before` hook has run, also after a failure. */
  hooks: { before: Hook[]; after: Hook[] };
  /** Besides the tags that Holdfast sets itself. */
  tags: string[];
  policy: PolicyName;
  /** Dumps are also written here as dated, compressed files (the environment registry's BACKUP_DUMP_DIR). */
  export?: DumpExport;
  /** Earlier apps are captured before later ones: a set may hold another app's exported dumps. */
  order: number;
  origin: string;
}

export interface DumpExport {
  folder: string;
  /** Exported files older than this are removed, except the newest of each database. Undefined keeps all. */
  retentionDays?: number;
}

/** Schedule, retention and destinations. */
export interface Policy {
  name: PolicyName;
  /** Cron, five fields. */
  schedule?: string;
  jitterMs: number;
  keep: Keep;
  destinations: DestinationName[];
  /** A scheduled run of an app without changes stores nothing. Default true. */
  skipUnchanged: boolean;
  /**
   * A run of everything leaves its apps out on days on which the schedule does not fall, also when a person starts it:
   * the environment registry's sets are weekly or monthly although its script runs daily.
   */
  dueDaysOnly?: boolean;
  origin: string;
}
