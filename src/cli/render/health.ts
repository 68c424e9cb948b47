import type { BackupHealth } from "../../operations/health/backups.ts";
import { marks, paint, type Look } from "./look.ts";
import { oneLine, wrap } from "./text.ts";
import { counted } from "./units.ts";

/** One line, and below it whatever is not well. */
export function healthLines(look: Look, health: BackupHealth): string[] {
  const mark = health.healthy ? paint(look, "good", marks.good) : paint(look, "failed", marks.failed);
  return [`${mark} ${headOf(health)}`, ...unwellLines(look, health)];
}

function headOf({ healthy, by, looked }: BackupHealth): string {
  const state = healthy ? "Healthy" : "Unhealthy";
  if (by === "nothing") return `${state}: nothing to back up is declared.`;
  const found =
    by === "dumps"
      ? `${counted(looked, "database")} looked at`
      : `no database is declared; ${counted(looked, "app")} looked at`;
  const well = by === "dumps" ? ", each has a fresh dump" : ", none is late";
  return `${state}: ${found}${healthy ? well : ""}.`;
}

export function unwellLines(look: Look, { unwell }: BackupHealth): string[] {
  return unwell.flatMap(({ app, database, detail, decides }) => {
    const name = database === undefined ? app : `${app}/${database}`;
    const [first = "", ...more] = wrap(oneLine(`${name}: ${detail}`), look.columns - 4);
    const mark = decides ? paint(look, "failed", marks.failed) : paint(look, "warning", marks.warning);
    return [`  ${mark} ${first}`, ...more.map((line) => `    ${line}`)];
  });
}
