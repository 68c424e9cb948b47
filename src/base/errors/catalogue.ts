import { accessErrors } from "./catalogue/access.ts";
import { apiErrors } from "./catalogue/api.ts";
import { daemonErrors } from "./catalogue/daemon.ts";
import { declareErrors } from "./catalogue/declare.ts";
import { notificationsErrors } from "./catalogue/notifications.ts";
import { secretsErrors } from "./catalogue/secrets.ts";
import { configErrors } from "./catalogue/config.ts";
import { databaseErrors } from "./catalogue/databases.ts";
import { repositoryErrors } from "./catalogue/repositories.ts";
import { restoreErrors } from "./catalogue/restore.ts";
import { runErrors } from "./catalogue/runs.ts";
import { systemErrors } from "./catalogue/system.ts";

/**
 * Every problem that Holdfast can tell of, in one place: the command line, the API and the docs all read it here.
 * Placeholders such as {app} in message and hint are the parameters of that code.
 */
export const catalogue = {
  ...accessErrors,
  ...apiErrors,
  ...daemonErrors,
  ...declareErrors,
  ...notificationsErrors,
  ...secretsErrors,
  ...configErrors,
  ...databaseErrors,
  ...repositoryErrors,
  ...restoreErrors,
  ...runErrors,
  ...systemErrors,
} as const;

export type ErrorCode = keyof typeof catalogue;

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The parameters that a code's message and hint name. */
export type ParamsOf<Code extends ErrorCode> = Record<
  Placeholders<(typeof catalogue)[Code]["message"]> | Placeholders<(typeof catalogue)[Code]["hint"]>,
  string | number
>;
