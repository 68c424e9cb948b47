import type { Executor } from "../base/process/command.ts";
import type { Secret } from "../base/secrets/secret.ts";
import type { SecretRef } from "./atoms/secret-ref.ts";
import type { DestinationName } from "./names.ts";

/** A destination as it was declared; `spec` has been checked by its kind's own schema. */
export interface DestinationDeclaration {
  name: DestinationName;
  type: string;
  spec: unknown;
  /** The repository's password; a new destination without one gets 32 random bytes, kept sealed in the state. */
  password?: SecretRef;
  /** A disabled one is neither stored to nor maintained; its snapshots can be restored. */
  enabled: boolean;
  /** Nothing is ever forgotten or pruned there with these credentials. */
  appendOnly: boolean;
  /** The spec with the credentials that may forget and prune; checked by the kind's own schema. */
  maintenance?: unknown;
  /** So many runs at most use it at once. */
  atOnce?: number;
  /** How long another program's lock is waited for. */
  lockWaitMs?: number;
  uploadKibPerSecond?: number;
  downloadKibPerSecond?: number;
  origin: string;
}

/** Whether anything may be forgotten or pruned there from here: an append-only one wants credentials of its own for that. */
export function mayForget({ appendOnly, maintenance }: DestinationDeclaration): boolean {
  return !appendOnly || maintenance !== undefined;
}

/** Those of `names` that are not disabled; one whose declaration could not be used counts, for it is missed. */
export function withoutDisabled<Name extends string>(
  names: readonly Name[],
  declared: readonly Pick<DestinationDeclaration, "name" | "enabled">[],
): Name[] {
  const disabled = new Set(declared.filter(({ enabled }) => !enabled).map(({ name }): string => name));
  return names.filter((name) => !disabled.has(name));
}

/** What a kind of destination is handed when it is opened. */
export interface DestinationContext {
  name: DestinationName;
  executor: Executor;
  /** Path of a restic that is new enough, and its version. */
  restic: { path: string; version: string };
  /** restic's cache, one folder per Holdfast home. */
  cacheFolder: string;
  /** A private folder (0700) for keys and known-hosts files, removed when the command ends. */
  scratch: string;
  /** The repository's, or how to fetch the one that holds now: it may be rotated while the repository is open here. */
  password: Secret | (() => Promise<Secret>);
  /** How long restic itself waits for a lock. */
  lockWaitMs: number;
  uploadKibPerSecond?: number;
  downloadKibPerSecond?: number;
  resolveSecret(ref: SecretRef): Promise<Secret>;
}
