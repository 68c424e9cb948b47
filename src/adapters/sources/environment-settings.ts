import type { DumpExport } from "../../domain/app.ts";
import type { Settings } from "../../domain/declaration.ts";
import type { Variables } from "./dotenv.ts";

/** Reports a value that cannot be used. */
export type Invalid = (place: string, expected: string, found: string) => void;

const usualHour = 3;
const usualDumpFolder = "/data/appdata/_backup/db_dumps";

/** What BACKUP_DRY_RUN and an empty BACKUP_SCHEDULE_HOUR ask of the run. */
export function runSettings(variables: Variables, invalid: Invalid): Settings {
  const settings: Settings = {};
  if (variables["BACKUP_SCHEDULE_HOUR"]?.trim() === "") settings.once = true;
  const dryRun = variables["BACKUP_DRY_RUN"]?.trim().toLowerCase() ?? "";
  if (/^(true|1|yes|on)$/.test(dryRun)) settings.dryRun = true;
  else if (/^(false|0|no|off)$/.test(dryRun)) settings.dryRun = false;
  else if (dryRun !== "") {
    invalid("BACKUP_DRY_RUN", "true or false", JSON.stringify(dryRun));
    // Whoever set it wanted something other than an ordinary run.
    settings.dryRun = true;
  }
  return settings;
}

/** BACKUP_SCHEDULE_HOUR, 0 to 23; 3 when it is absent, empty or wrong. */
export function scheduleHour(variables: Variables, invalid: Invalid): number {
  const text = variables["BACKUP_SCHEDULE_HOUR"]?.trim() ?? "";
  if (text === "") return usualHour;
  const hour = Number(text);
  if (/^\d{1,2}$/.test(text) && hour <= 23) return hour;
  invalid("BACKUP_SCHEDULE_HOUR", "an hour from 0 to 23, or nothing to run once", JSON.stringify(text));
  return usualHour;
}

/** BACKUP_DUMP_DIR and BACKUP_DUMP_RETENTION_DAYS; no export at all when the folder is wrong. */
export function dumpExport(variables: Variables, invalid: Invalid): { export?: DumpExport } {
  const set = variables["BACKUP_DUMP_DIR"]?.trim() ?? "";
  const folder = set === "" ? usualDumpFolder : set;
  if (!folder.startsWith("/")) {
    invalid("BACKUP_DUMP_DIR", "an absolute path", JSON.stringify(folder));
    return {};
  }
  const days = variables["BACKUP_DUMP_RETENTION_DAYS"]?.trim() ?? "";
  if (days === "") return { export: { folder } };
  if (/^[1-9]\d{0,4}$/.test(days)) return { export: { folder, retentionDays: Number(days) } };
  invalid(
    "BACKUP_DUMP_RETENTION_DAYS",
    "a whole number of days, at least 1, or nothing to keep all",
    JSON.stringify(days),
  );
  return { export: { folder } };
}
