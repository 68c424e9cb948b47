import type { AppName, DestinationName } from "./names.ts";

/** What a survey found that plans depend on. */
export interface Facts {
  /** Declared paths that exist. */
  existing: ReadonlySet<string>;
  /** Absolute paths of repositories on this machine. */
  localRepositories: ReadonlyMap<DestinationName, string>;
  /** Per app: patterns for files that its databases' dumps replace. */
  leaveOut: ReadonlyMap<AppName, string[]>;
  /** Whether these exclude patterns leave out this path or a folder above it. */
  excludes(patterns: string[], path: string): boolean;
}
