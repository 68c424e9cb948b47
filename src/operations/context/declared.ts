import { fromLocation } from "../../adapters/destinations/location.ts";
import { readVariables, type Variables } from "../../adapters/sources/dotenv.ts";
import { environmentSource } from "../../adapters/sources/environment.ts";
import { yamlSource } from "../../adapters/sources/yaml.ts";
import type { Inventory } from "../../domain/declaration.ts";
import { merge, type Ranked } from "../../domain/merge.ts";
import { kinds } from "../config/schema.ts";

export interface Places {
  home: string;
  device: string;
  /** A holdfast.yaml, if there is one. */
  config: string | undefined;
  environment: NodeJS.ProcessEnv;
  cwd: string;
}

export interface Declarations {
  inventory: Inventory;
  /** The process's environment and the `.env` file: what declared secrets are read from. */
  variables: Variables;
}

/** Reads every source and merges what they declare: a file ranks over the environment registry. */
export async function readDeclarations(places: Places): Promise<Declarations> {
  const { variables, problems } = await readVariables({ process: places.environment, cwd: places.cwd });
  const environment = environmentSource({ variables, cwd: places.cwd, kinds, fromLocation });
  const sources: Ranked[] = [{ rank: 1, declared: await environment.read() }];
  if (places.config !== undefined) {
    const file = yamlSource(places.config, { kinds, device: places.device });
    sources.push({ rank: 2, declared: await file.read() });
  }
  const inventory = merge(sources, { home: places.home, device: places.device });
  inventory.problems.push(...problems);
  return { inventory, variables };
}
