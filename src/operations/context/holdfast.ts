import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { localDevice } from "../../adapters/devices/local.ts";
import type { Variables } from "../../adapters/sources/dotenv.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { failure } from "../../base/errors/error.ts";
import { privateFolder } from "../../base/files/atomic.ts";
import { journalIn, type Journal } from "../../base/journal/journal.ts";
import type { Executor } from "../../base/process/command.ts";
import { thisProcess, type Owner } from "../../base/process/owner.ts";
import { openVault, type Vault } from "../../base/secrets/vault.ts";
import type { Inventory } from "../../domain/declaration.ts";
import { openState, openStateCopy, type Database } from "../../state/open.ts";
import { beat } from "../../state/queries/runs.ts";
import { hasSealed } from "../../state/queries/secrets.ts";
import { readDeclarations } from "./declared.ts";
import { findConfig, findHome, makeHome, type Home } from "./home.ts";

const heartbeatMs = 5000;

/** Everything that an operation works with. */
export interface Holdfast {
  home: Home;
  /** Whether anything may be written: a command that only reads or rehearses leaves no trace. */
  acting: boolean;
  state: Database;
  journal: Journal;
  device: Executor;
  /** This machine's name: restic's --host. */
  deviceName: string;
  clock: Clock;
  /** The process's own environment: where Holdfast's settings are read from. */
  environment: NodeJS.ProcessEnv;
  /** The same and the `.env` file: where declared secrets are read from. */
  variables: Variables;
  owner: Owner;
  /** The configuration file that was read, if any. */
  config: string | undefined;
  declared: Inventory;
  /** A private folder for this process's passing files; it goes when this is closed. */
  scratch(): Promise<string>;
  vault(): Promise<Vault>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenOptions {
  environment: NodeJS.ProcessEnv;
  cwd: string;
  /** A configuration file named by the user. */
  config?: string | undefined;
  /**
   * Whether the command acts. One that only reads or rehearses makes no home and no key, and works on a copy of the state
   * in memory. `unless-dry-run`: acts unless BACKUP_DRY_RUN forbids it.
   */
  acting: boolean | "unless-dry-run";
  clock?: Clock;
}

/** Reads what is declared and opens the state. Throws HF_HOME_UNUSABLE, HF_STATE_*, HF_CONFIG_UNREADABLE. */
export async function openHoldfast(options: OpenOptions): Promise<Holdfast> {
  const home = findHome(options.environment);
  const clock = options.clock ?? systemClock;
  const owner = thisProcess();
  const config = findConfig(options.environment, options.config, options.cwd);
  const { environment, cwd } = options;
  const { inventory, variables } = await readDeclarations({
    home: home.root,
    device: hostname(),
    config,
    environment,
    cwd,
  });
  const acting = options.acting === "unless-dry-run" ? inventory.settings.dryRun !== true : options.acting;
  if (acting) await makeHome(home);
  const state = acting ? await openState(home.state) : await openStateCopy(home.state);
  const journal = journalIn(home.journal);
  const heartbeat = acting ? startHeartbeat(state, owner, clock) : undefined;

  let scratch: Promise<string> | undefined;
  let scratchDone: (() => Promise<void>) | undefined;
  const makeScratch = async (): Promise<string> => {
    if (!acting) {
      const passing = await mkdtemp(join(tmpdir(), "holdfast-"));
      scratchDone = async () => await rm(passing, { recursive: true, force: true });
      return passing;
    }
    const path = join(home.scratch, randomUUID());
    const obligation = await journal.incur({ kind: "remove", paths: [path] });
    await privateFolder(path);
    scratchDone = async () => {
      await rm(path, { recursive: true, force: true });
      await journal.settle(obligation);
    };
    return path;
  };

  let vault: Promise<Vault> | undefined;
  const unlockVault = async (): Promise<Vault> => {
    if (!existsSync(home.masterKey) && (await hasSealed(state))) {
      throw failure("HF_MASTER_KEY", {
        path: home.masterKey,
        detail: "it is missing, and the state holds secrets sealed with it",
      });
    }
    return await openVault(home.masterKey);
  };

  return {
    home,
    acting,
    state,
    journal,
    device: localDevice(),
    deviceName: hostname(),
    clock,
    environment,
    variables,
    owner,
    config,
    declared: inventory,
    scratch: () => (scratch ??= makeScratch()),
    vault: () => (vault ??= unlockVault()),
    async [Symbol.asyncDispose]() {
      await heartbeat?.stop();
      await scratchDone?.();
      await state.destroy();
    },
  };
}

/** Tells other nodes that this process lives. A beat that fails is made good by the next one. */
function startHeartbeat(state: Database, owner: Owner, clock: Clock): { stop(): Promise<void> } {
  let beating: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    beating = beat(state, owner, clock.now().toISOString()).catch(() => undefined);
  }, heartbeatMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await beating;
    },
  };
}
