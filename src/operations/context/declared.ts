import { fromLocation } from "../../adapters/destinations/location.ts";
import { readVariables, type Variables } from "../../adapters/sources/dotenv.ts";
import { environmentSource } from "../../adapters/sources/environment.ts";
import type { StoredRow, StoredSource } from "../../adapters/sources/stored.ts";
import { yamlSource } from "../../adapters/sources/yaml.ts";
import type { Problem } from "../../base/errors/error.ts";
import type { AppDeclaration, Inventory } from "../../domain/declaration.ts";
import { destinationName } from "../../domain/names.ts";
import { merge, type Ranked } from "../../domain/merge.ts";
import {
  isSystemApp,
  namesSystemApp,
  onlySystemApps,
  systemSource,
  withoutForeignSystemApps,
} from "../../domain/system.ts";
import type { Database } from "../../state/open.ts";
import { declarationRows } from "../../state/queries/declarations.ts";
import { knownDestination } from "../../state/queries/destinations.ts";
import { readNote, writeNote } from "../../state/queries/notes.ts";
import { kinds } from "../config/schema.ts";
import { declareSystem } from "../system/apps.ts";
import { findHome, stateOf } from "./home.ts";

export interface Places {
  home: string;
  device: string;
  /** A holdfast.yaml, if there is one. */
  config: string | undefined;
  environment: NodeJS.ProcessEnv;
  cwd: string;
}

/** What files and the environment declare; the state adds to it what the API declared. */
export interface Sources {
  ranked: Ranked[];
  /** The process's environment and the `.env` file: what declared secrets are read from. */
  variables: Variables;
  problems: Problem[];
  /** BACKUP_DRY_RUN: nothing may be written. */
  dryRun: boolean;
  /** Holdfast's own state and configuration, as apps. */
  system: AppDeclaration[];
}

/** Reads every source but the state: a file ranks over the environment registry. */
export async function readSources(places: Places): Promise<Sources> {
  const { variables, problems } = await readVariables({ process: places.environment, cwd: places.cwd });
  const environment = environmentSource({ variables, cwd: places.cwd, kinds, fromLocation });
  const ranked: Ranked[] = [{ rank: 1, declared: await environment.read() }];
  if (places.config !== undefined) {
    const file = yamlSource(places.config, { kinds, device: places.device });
    ranked.push({ rank: 2, declared: await file.read() });
  }
  const dryRun = ranked.some(({ declared }) => declared.settings?.dryRun === true);
  const state = stateOf(findHome(places.environment), variables);
  const system = await declareSystem({ state, config: places.config, cwd: places.cwd, variables });
  return { ranked: withoutForeignSystemApps(ranked), variables, problems, dryRun, system };
}

/** What the merge needs besides what is declared. */
export interface Ground {
  home: string;
  device: string;
  sources: Sources;
  stored: StoredSource;
}

/** What the state knows besides. */
export interface Told {
  /** Backups lie in the embedded repository already. */
  embeddedInUse: boolean;
  /** A daemon has worked on this state: Holdfast backs itself up, unless only the others are asked for. */
  systemBackup: boolean;
}

/** Merges the sources and what the API declared. Pure but for the memory of `stored`. */
export function inventoryOf(
  { home, device, sources, stored }: Ground,
  rows: readonly StoredRow[],
  { embeddedInUse, systemBackup }: Told,
): Inventory {
  const defaults = { home, device, embeddedInUse };
  const api = stored.read(rows);
  const { ranked } = sources;
  const system = systemSource(sources.system);
  const wanted = systemBackup || namesSystemApp(ranked) || api.configurations.some(({ app }) => isSystemApp(app));
  const inventory = merge(wanted ? [...ranked, system] : ranked, defaults, api);
  // Whoever asks for them by name gets them all the same.
  if (!wanted) inventory.onRequest = merge([...onlySystemApps(ranked), system], defaults, { ...api, apps: [] }).apps;
  inventory.problems.push(...sources.problems);
  return inventory;
}

/** The same, with what the state holds now. */
export async function readInventory(ground: Ground, state: Database): Promise<Inventory> {
  const rows = await declarationRows(state);
  return inventoryOf(ground, rows, await toldBy(ground, state));
}

export async function toldBy({ home }: Pick<Ground, "home">, state: Database): Promise<Told> {
  const known = await knownDestination(state, destinationName("local"));
  const systemBackup = (await readNote(state, systemBackupNote)) !== undefined;
  return { embeddedInUse: known?.location === `${home}/repository`, systemBackup };
}

const systemBackupNote = "system backup";

/** From now on Holdfast backs itself up, by whichever command everything is backed up. */
export async function backUpSystem(state: Database): Promise<void> {
  if ((await readNote(state, systemBackupNote)) === undefined) await writeNote(state, systemBackupNote, "on");
}
