import { problem, type Problem } from "../../../base/errors/error.ts";
import { query, type Connection } from "./connection.ts";

/**
 * What the server hides from a user without these rights, so that a dump lacks it without a word: routines and
 * triggers. (Without the others, such as EVENT or SHOW VIEW, the dump fails by itself.) Where rights come from roles,
 * which SHOW GRANTS does not take apart, nothing is said.
 */
export async function hiddenFrom(connection: Connection, databases: readonly string[]): Promise<Problem[]> {
  const grants = (await query(connection, "SHOW GRANTS")).map(([line = ""]) => line);
  const hidden = hiddenBy(grants, databases);
  if (hidden.length === 0) return [];
  return [problem("HF_DUMP_HIDDEN", { database: connection.context.name, what: hidden.join(" and ") })];
}

/** Takes the lines of SHOW GRANTS apart. */
export function hiddenBy(grants: readonly string[], databases: readonly string[]): string[] {
  if (grants.some((line) => /^GRANT [^ ]+ TO /.test(line))) return [];
  const granted = grants
    .map((line) => /^GRANT (.+?) ON (?:TABLE )?(\S+) TO /.exec(line))
    .filter((found) => found !== null);
  const has = (right: RegExp, places: readonly string[]): boolean =>
    granted.some(([, rights = "", place = ""]) => {
      const covers = places.includes(place.replaceAll("`", "").replaceAll("\\", ""));
      return covers && (rights === "ALL PRIVILEGES" || rights.split(", ").some((one) => right.test(one)));
    });
  const everywhere = ["*.*"];
  const routines =
    has(/^(SELECT|SHOW_ROUTINE|SHOW CREATE ROUTINE)$/, [...everywhere, "mysql.proc", "mysql.*"]) ||
    databases.every((name) => has(/^(ALTER ROUTINE|SHOW CREATE ROUTINE)$/, [...everywhere, `${name}.*`]));
  const triggers = databases.every((name) => has(/^TRIGGER$/, [...everywhere, `${name}.*`]));
  return [...(routines ? [] : ["procedures and functions"]), ...(triggers ? [] : ["triggers"])];
}
