import type { CatalogueEntry } from "../../base/errors/entry.ts";
import { accessErrors } from "../../base/errors/catalogue/access.ts";
import { apiErrors } from "../../base/errors/catalogue/api.ts";
import { configErrors } from "../../base/errors/catalogue/config.ts";
import { daemonErrors } from "../../base/errors/catalogue/daemon.ts";
import { databaseErrors } from "../../base/errors/catalogue/databases.ts";
import { declareErrors } from "../../base/errors/catalogue/declare.ts";
import { notificationsErrors } from "../../base/errors/catalogue/notifications.ts";
import { repositoryErrors } from "../../base/errors/catalogue/repositories.ts";
import { restoreErrors } from "../../base/errors/catalogue/restore.ts";
import { runErrors } from "../../base/errors/catalogue/runs.ts";
import { secretsErrors } from "../../base/errors/catalogue/secrets.ts";
import { systemErrors } from "../../base/errors/catalogue/system.ts";

const areas: readonly (readonly [title: string, codes: Readonly<Record<string, CatalogueEntry>>])[] = [
  ["Configuration", configErrors],
  ["What the API declares", declareErrors],
  ["Runs", runErrors],
  ["Databases", databaseErrors],
  ["Repositories and restic", repositoryErrors],
  ["Restores", restoreErrors],
  ["Daemon and alarms", daemonErrors],
  ["Notifications", notificationsErrors],
  ["Secrets and keys", secretsErrors],
  ["Access", accessErrors],
  ["API", apiErrors],
  ["This machine and Holdfast itself", systemErrors],
];

/** The page docs/errors.md, made from the catalogue that the messages themselves come from. */
export function errorsPage(): string {
  return [
    "# Errors and warnings",
    "",
    "<!-- Made from the catalogue of errors. A test fails when this page differs; `npx vitest run --project unit src/cli -u` writes it anew. -->",
    "",
    "Every problem that Holdfast tells has a code. With `--json` it stands in `code`, and what stands here in braces is in",
    "`params`. *Exit* is how a command ends when this is the worst that happened",
    "([all exit statuses](commands.md#on-every-command)); *HTTP* is what an API answers with, 200 for a warning. What to do",
    "about the frequent ones: [troubleshooting](troubleshooting.md).",
    ...areas.flatMap(([title, codes]) => ["", `## ${title}`, ...Object.entries(codes).flatMap(section)]),
    "",
  ].join("\n");
}

function section([code, { message, hint, status, exit }]: [string, CatalogueEntry]): string[] {
  // A hint that is nothing but a parameter says nothing here.
  const told = /^\{\w+\}$/.test(hint) ? [] : [hint, ""];
  return ["", `### ${code}`, "", `**${message}**`, "", ...told, `Exit ${exit}, HTTP ${status}.`];
}
