import { hostname } from "node:os";
import { localDevice } from "../../adapters/devices/local.ts";
import type { Variables } from "../../adapters/sources/dotenv.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { journalIn, type Journal } from "../../base/journal/journal.ts";
import type { Executor } from "../../base/process/command.ts";
import { thisProcess, type Owner } from "../../base/process/owner.ts";
import type { Vault } from "../../base/secrets/vault.ts";
import type { Inventory } from "../../domain/declaration.ts";
import { openState, openStateCopy, type Database } from "../../state/open.ts";
import { cancelsFor } from "../../state/queries/queue.ts";
import { beat, finishedAmong } from "../../state/queries/runs.ts";
import { beatFailed } from "../../state/runs/turns.ts";
import { storedSource, type StoredSource } from "../../adapters/sources/stored.ts";
import { kinds } from "../config/schema.ts";
import { backUpSystem, readInventory, readSources, type Sources } from "./declared.ts";
import { vaultAt } from "../keys/open-vault.ts";
import { cancellingRuns, type Cancelling } from "../run/cancelling.ts";
import { findConfig, findHome, makeHome, stateOf, type Home } from "./home.ts";
import { scratchIn } from "./scratch.ts";

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
  /** Where relative paths of the environment's declarations begin. */
  cwd: string;
  /** The configuration file that was read, if any. */
  config: string | undefined;
  /** What files and the environment declare. */
  sources: Sources;
  /** Reads what the API declared. */
  stored: StoredSource;
  declared: Inventory;
  /** The runs of this process, each of which may be ended alone. */
  cancelling: Cancelling;
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
  /** Whether it is opened for a daemon, which also looks after Holdfast's own state. */
  daemon?: boolean;
  clock?: Clock;
}

/** Reads what is declared and opens the state. Throws HF_HOME_UNUSABLE, HF_STATE_*, HF_CONFIG_UNREADABLE. */
export async function openHoldfast(options: OpenOptions): Promise<Holdfast> {
  const home = findHome(options.environment);
  const clock = options.clock ?? systemClock;
  const owner = thisProcess();
  const config = findConfig(options.environment, options.config, options.cwd);
  const { environment, cwd } = options;
  const places = { home: home.root, device: hostname(), config, environment, cwd };
  const sources = await readSources(places);
  const acting = options.acting === "unless-dry-run" ? !sources.dryRun : options.acting;
  if (acting) await makeHome(home);
  const target = stateOf(home, sources.variables);
  const state = acting ? await openState(target) : await openStateCopy(target);
  const stored = storedSource({ kinds, device: places.device });
  if (acting && options.daemon === true) await backUpSystem(state);
  const declared = await readInventory({ ...places, sources, stored }, state);
  const journal = journalIn(home.journal);
  const cancelling = cancellingRuns();
  const heartbeat = acting ? startHeartbeat(state, owner, clock, cancelling) : undefined;

  const scratch = scratchIn(home, journal, acting);

  return {
    home,
    acting,
    state,
    journal,
    device: localDevice(),
    deviceName: hostname(),
    clock,
    environment,
    variables: sources.variables,
    owner,
    cwd,
    config,
    sources,
    stored,
    declared,
    cancelling,
    scratch: scratch.path,
    vault: vaultAt({ environment, masterKey: home.masterKey, state, acting }),
    async [Symbol.asyncDispose]() {
      await heartbeat?.stop();
      await scratch.end();
      await state.destroy();
    },
  };
}

/**
 * Tells other nodes that this process lives, and ends those of its runs that somebody wants to end, or has closed because
 * this process could not be heard: another may be at the same work by now. A beat that fails is made good by the next one.
 */
function startHeartbeat(
  state: Database,
  owner: Owner,
  clock: Clock,
  cancelling: Cancelling,
): { stop(): Promise<void> } {
  let beating: Promise<void> = Promise.resolve();
  const once = async (): Promise<void> => {
    await beat(state, owner, clock.now().toISOString());
    const closed = await finishedAmong(state, cancelling.runs());
    for (const run of [...closed, ...(await cancelsFor(state, owner))]) cancelling.cancel(run);
  };
  const timer = setInterval(() => {
    beating = once().catch(beatFailed);
  }, heartbeatMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await beating;
    },
  };
}
