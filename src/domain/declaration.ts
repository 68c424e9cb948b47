import type { Problem } from "../base/errors/error.ts";
import type { App, Policy } from "./app.ts";
import type { Configuration, ConfigurationDeclaration } from "./configuration.ts";
import type { DaemonSettings } from "./daemon-settings.ts";
import type { DestinationDeclaration } from "./destination.ts";
import type { NotifierDeclaration } from "./notification.ts";

/** What a source says of an app. What it leaves out, another source or the default fills in. */
export type AppDeclaration = Pick<App, "name" | "origin"> & Partial<App>;

/** What a source says of a policy. What it leaves out comes from the policy `default`. */
export type PolicyDeclaration = Pick<Policy, "name" | "origin"> & Partial<Policy>;

/** The name of something declared elsewhere, perhaps by another source: checked by the merge. */
export interface Reference {
  /** Where it stands, for the message: file, line, column and path. */
  place: string;
  by: { kind: "app" | "policy" | "configuration"; name: string };
  to: { kind: "policy" | "destination"; name: string };
}

/** Something that was declared but cannot be used; its problems say why. */
export interface LeftOut {
  kind: "app" | "policy" | "destination" | "notification" | "configuration";
  name: string;
}

/** What a source says of the run itself. */
export interface Settings {
  /** Write nothing, show what would be done. */
  dryRun?: boolean;
  /** Run once and exit, instead of waiting for the schedule. */
  once?: boolean;
  daemon?: DaemonSettings;
}

/** What one source declares. One bad entry becomes a problem and never makes the others vanish. */
export interface Declared {
  apps: AppDeclaration[];
  policies: PolicyDeclaration[];
  destinations: DestinationDeclaration[];
  notifications?: NotifierDeclaration[];
  problems: Problem[];
  references?: Reference[];
  leftOut?: LeftOut[];
  settings?: Settings;
}

/** What the API declared. Unlike a source's, its declarations are in nobody's file and can be changed. */
export interface ApiDeclared extends Declared {
  configurations: ConfigurationDeclaration[];
}

/** All that the sources declare, merged and complete. */
export interface Inventory {
  /** In the order in which they are captured. Each one's policy is in `policies`. */
  apps: App[];
  policies: Policy[];
  /** One of each app, in the order of `apps`. */
  configurations: Configuration[];
  /** A policy may also name a destination that is in `leftOut`: storing there has failed before it began. */
  destinations: DestinationDeclaration[];
  notifications: NotifierDeclaration[];
  problems: Problem[];
  leftOut: LeftOut[];
  settings: Settings;
  /** Apps that take part only when they are asked for by name. */
  onRequest?: App[];
}

export interface Source {
  /** Where it reads: a file's path, or `environment`. */
  origin: string;
  read(): Promise<Declared>;
}
