import type { Rights } from "../../domain/rights.ts";
import type { IamReport } from "../../operations/iam/iam.ts";
import { paint, type Look } from "./look.ts";
import { wrap } from "./text.ts";

/** Both grants under a heading each, and what else there is to do. */
export function iamLines(look: Look, { rights }: IamReport): string[] {
  const what = rights.form === "iam-policy" ? "Policy" : "Key";
  return [
    paint(look, "strong", `${what} for the backup: adds and reads, deletes nothing but locks`),
    ...grantLines(rights, "backup"),
    "",
    paint(look, "strong", `${what} for maintenance: thins and prunes; its key goes under \`maintenance:\``),
    ...grantLines(rights, "maintenance"),
    "",
    ...rights.notes.flatMap((note) => wrap(note, look.columns)),
  ];
}

/** One grant as it is pasted: a policy as JSON, or a command. */
export function grantLines(rights: Rights, grant: "backup" | "maintenance"): string[] {
  if (rights.form === "iam-policy") return JSON.stringify(rights[grant], undefined, 2).split("\n");
  return [rights[grant].command.map(shown).join(" ")];
}

/** As a person pastes it into their shell. */
function shown(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
