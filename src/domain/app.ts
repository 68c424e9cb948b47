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
  /** Whether the schedule backs it up; a person may at any time. */
  enabled: boolean;
  /** Which of its files are taken. */
  scope: Scope;
  /** Holdfast's own state or configuration, which is backed up like an app. */
  system?: SystemType;
  /** Dumps are also written here as dated, compressed files (the environment registry's BACKUP_DUMP_DIR). */
  export?: DumpExport;
  /** Earlier apps are captured before later ones: a set may hold another app's exported dumps. */
  order: number;
  origin: string;
}

/** Volumes are all files that are neither Compose files nor env files. */
export interface Scope {
  volumes: boolean;
  compose: boolean;
  env: boolean;
}

export const wholeScope: Scope = { volumes: true, compose: true, env: true };

/** `database`: Holdfast's state. `platform_config`: its configuration files. */
export type SystemType = "database" | "platform_config";

export interface DumpExport {
  folder: string;
  /** Exported files older than this are removed, except the newest of each database. Undefined keeps all. */
  retentionDays?: number;
}

/** Schedule, retention and destinations. */
export interface Policy {
  name: PolicyName;
  description?: string;
  /** Whether the schedule starts runs. */
  enabled: boolean;
  /** Cron, five fields. */
  schedule?: string;
  /** IANA name of the time zone in which the schedule and the blackout windows are meant; else this machine's. */
  timezone?: string;
  /** Times in which the schedule starts nothing. */
  blackout: Blackout[];
  /** How old the newest good snapshot may be before that is an alarm; else what the schedule promises. */
  expectedAgeMs?: number;
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

/** A window of the week, in local time of the policy's zone; one that ends before it begins ends on the next day. */
export interface Blackout {
  /** Days on which it begins, 0 is Sunday. */
  weekdays: number[];
  /** Minutes since midnight. */
  fromMinute: number;
  toMinute: number;
}
