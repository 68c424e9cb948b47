import { dirname, join, resolve } from "node:path";
import type { Variables } from "../../adapters/sources/dotenv.ts";
import { exists } from "../../base/files/exists.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { DatabaseDeclaration } from "../../domain/database.ts";
import type { AppDeclaration } from "../../domain/declaration.ts";
import { builtInOrigin } from "../../domain/origin.ts";
import { systemApps } from "../../domain/system.ts";
import type { StateTarget } from "../../state/open.ts";
import { stateDatabase } from "./state-database.ts";

/** After all others: the state then tells of their runs, too. */
const last = 1000;

export interface SystemPlaces {
  state: StateTarget;
  config: string | undefined;
  cwd: string;
  variables: Variables;
}

/**
 * Holdfast's own state and configuration as apps: `holdfast-database` always, `holdfast-config` where there is a file. Never
 * among them: the master key, and repositories.
 */
export async function declareSystem(places: SystemPlaces): Promise<AppDeclaration[]> {
  const { database, platform_config: config } = systemApps;
  const databases = [declarationOf(places.state)];
  const apps: AppDeclaration[] = [
    { name: database, origin: builtInOrigin, system: "database", databases, order: last },
  ];
  const paths = await configurationFiles(places);
  if (paths.length > 0)
    apps.push({ name: config, origin: builtInOrigin, system: "platform_config", paths, order: last });
  return apps;
}

function declarationOf(state: StateTarget): DatabaseDeclaration {
  if (state instanceof Secret) return { name: "state", ...stateDatabase(state) };
  return { name: "state", type: "sqlite", spec: { path: state } };
}

/** What was read to know what is declared: the configuration, `.env` beside it, and the backup sets. */
async function configurationFiles({ config, cwd, variables }: SystemPlaces): Promise<string[]> {
  const folder = config === undefined ? cwd : dirname(config);
  const inline = (variables["BACKUP_SETS_JSON"] ?? "").trim() !== "";
  const named = variables["BACKUP_SETS_FILE"] ?? "";
  const sets = inline ? [] : [resolve(cwd, named === "" ? "backup-sets.json" : named)];
  const keys = ["HOLDFAST_MASTER_KEY_FILE", "HOLDFAST_MASTER_PASSWORD_FILE"].map((name) => variables[name]);
  const found: string[] = [];
  for (const path of [...(config === undefined ? [] : [config]), join(folder, ".env"), ...sets]) {
    if (!keys.includes(path) && !found.includes(path) && (await exists(path))) found.push(path);
  }
  return found;
}
