import type { AppName, DestinationName } from "./names.ts";
import type { NamedFiles } from "./scope.ts";

/** What a survey found that plans depend on. */
export interface Facts {
  /** Declared paths that exist. */
  existing: ReadonlySet<string>;
  /** Absolute paths of repositories on this machine, links resolved. */
  localRepositories: ReadonlyMap<DestinationName, string>;
  /** Declared paths with every link on the way resolved. */
  real: ReadonlyMap<string, string>;
  /** Declared paths that are links, and what they lead to: restic stores a link as a link. */
  links: ReadonlyMap<string, string>;
  /** Per app: patterns for what is never stored with it, such as Holdfast's own state. */
  leaveOut: ReadonlyMap<AppName, string[]>;
  /** Per app: declared paths that are Holdfast's own files, and why they may not be stored with it. */
  own?: ReadonlyMap<AppName, ReadonlyMap<string, string>>;
  /** Per app and database: patterns for the files that the dump replaces. */
  replaced: ReadonlyMap<AppName, ReadonlyMap<string, string[]>>;
  /** Per app whose scope is not whole: what is called like a Compose or env file. */
  named?: ReadonlyMap<AppName, NamedFiles>;
  /** Whether these exclude patterns leave out this path or a folder above it. */
  excludes(patterns: string[], path: string): boolean;
}
