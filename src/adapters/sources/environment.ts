import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { problem, type Problem } from "../../base/errors/error.ts";
import type { Declared, Source } from "../../domain/declaration.ts";
import { destinationName, policyName } from "../../domain/names.ts";
import type { Variables } from "./dotenv.ts";
import { environmentDestination, type FromLocation } from "./environment-destination.ts";
import { dumpExport, runSettings, scheduleHour, type Invalid } from "./environment-settings.ts";
import { readRegistry } from "./registry.ts";
import type { Kinds } from "./schema.ts";
import { readSets } from "./sets.ts";

export interface EnvironmentOptions {
  /** The process's environment and the `.env` file, as `readVariables` gives them. */
  variables: Variables;
  /** Where `backup-sets.json` and relative paths are looked for. */
  cwd: string;
  kinds: Kinds;
  fromLocation: FromLocation;
}

const help = "See docs/environment.md.";

/**
 * The environment registry: databases, backup sets, the repository and the schedule from variables alone, as people's
 * own container set-ups have them. Without any of those variables it declares nothing.
 */
export function environmentSource(options: EnvironmentOptions): Source {
  return { origin: "environment", read: async () => readEnvironment(options) };
}

async function readEnvironment(options: EnvironmentOptions): Promise<Declared> {
  const { variables } = options;
  const problems: Problem[] = [];
  const invalid: Invalid = (place, expected, found) => {
    problems.push(problem("HF_CONFIG_INVALID", { place, expected, found, suggestion: help }));
  };
  const declared: Declared = { apps: [], policies: [], destinations: [], problems, leftOut: [] };
  declared.settings = runSettings(variables, invalid);

  const repository = await environmentDestination({ ...options, help }, problems);
  if (repository === "broken") declared.leftOut?.push({ kind: "destination", name: "restic" });
  else if (repository !== undefined) declared.destinations.push(repository);
  const target = repository === undefined ? {} : { destinations: [destinationName("restic")] };

  const sets = await setsText(options, problems);
  const registry = variables["BACKUP_DB_REGISTRY"]?.trim() ?? "";
  if (sets === undefined && registry === "") return declared;
  const hour = scheduleHour(variables, invalid);
  const taken = new Set<string>();
  if (sets !== undefined) {
    const found = readSets(sets, { hour, target, help });
    for (const { name } of found.apps) taken.add(name);
    add(declared, found);
  }
  if (registry !== "") {
    const found = readRegistry(registry, {
      databases: options.kinds.databases,
      taken,
      help,
      ...dumpExport(variables, invalid),
    });
    const schedule = `0 ${hour} * * *`;
    declared.policies.push({
      name: policyName("environment"),
      origin: "environment",
      schedule,
      jitterMs: 0,
      ...target,
    });
    add(declared, found);
  }
  return declared;
}

function add(declared: Declared, found: Partial<Declared>): void {
  declared.apps.push(...(found.apps ?? []));
  declared.policies.push(...(found.policies ?? []));
  declared.problems.push(...(found.problems ?? []));
  declared.leftOut?.push(...(found.leftOut ?? []));
}

/** The sets' JSON and where it stands: the variable, else the file that is named, else one that happens to be there. */
async function setsText(
  { variables, cwd }: EnvironmentOptions,
  problems: Problem[],
): Promise<{ text: string; name: string; lines: boolean } | undefined> {
  const inline = variables["BACKUP_SETS_JSON"]?.trim() ?? "";
  if (inline !== "") return { text: inline, name: "BACKUP_SETS_JSON", lines: false };
  const named = variables["BACKUP_SETS_FILE"] ?? "";
  const path = resolve(cwd, named === "" ? "backup-sets.json" : named);
  try {
    return { text: await readFile(path, "utf8"), name: path, lines: true };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
    const absent = error.code === "ENOENT" && named === "";
    if (!absent) problems.push(problem("HF_CONFIG_UNREADABLE", { path, detail: `${error.message}.` }));
    return undefined;
  }
}
