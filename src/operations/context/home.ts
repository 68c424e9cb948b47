import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { failure } from "../../base/errors/error.ts";
import { privateFolder } from "../../base/files/atomic.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { StateTarget } from "../../state/open.ts";

/** Holdfast's own folder and what lies in it. */
export interface Home {
  root: string;
  state: string;
  masterKey: string;
  journal: string;
  staging: string;
  cache: string;
  scratch: string;
  binaries: string;
  /** The embedded repository, used when no destination is declared. */
  repository: string;
}

/** $HOLDFAST_HOME, else /var/lib/holdfast for root, else $XDG_DATA_HOME/holdfast. */
export function findHome(environment: NodeJS.ProcessEnv): Home {
  const root = resolve(environment["HOLDFAST_HOME"] ?? defaultRoot(environment));
  return {
    root,
    state: join(root, "state.db"),
    masterKey: join(root, "keys", "master.key"),
    journal: join(root, "journal"),
    staging: join(root, "staging"),
    cache: join(root, "cache"),
    scratch: join(root, "scratch"),
    binaries: join(root, "bin"),
    repository: join(root, "repository"),
  };
}

function defaultRoot(environment: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return "/var/lib/holdfast";
  return join(environment["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "holdfast");
}

/**
 * Where the state lies: the PostgreSQL database that DATABASE_URL names, in the process's environment, else in `.env`; else
 * the SQLite file in the home. An empty value in the environment means the file, whatever `.env` says.
 */
export function stateOf(home: Home, variables: Readonly<Record<string, string | undefined>>): StateTarget {
  const address = variables["DATABASE_URL"] ?? "";
  return address === "" ? home.state : new Secret(address);
}

/** Makes the home, mode 0700. Throws HF_HOME_UNUSABLE. */
export async function makeHome(home: Home): Promise<void> {
  try {
    await privateFolder(home.root);
  } catch (error) {
    throw failure(
      "HF_HOME_UNUSABLE",
      { path: home.root, detail: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

/** The configuration file to read: --config, $HOLDFAST_CONFIG, ./holdfast.yaml, then the system's or the user's. */
export function findConfig(environment: NodeJS.ProcessEnv, named: string | undefined, cwd: string): string | undefined {
  const asked = named ?? environment["HOLDFAST_CONFIG"];
  if (asked !== undefined && asked !== "") return resolve(cwd, asked);
  const usual =
    process.getuid?.() === 0
      ? "/etc/holdfast/holdfast.yaml"
      : join(environment["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "holdfast", "holdfast.yaml");
  return [resolve(cwd, "holdfast.yaml"), usual].find((path) => existsSync(path));
}
