import { quoteIdentifier, readIdentifier } from "./identifiers.ts";
import { statementsOf } from "./statements.ts";

const identifier = String.raw`(?:"(?:[^"]|"")*"|[^\s".;]+)`;
const aboutDatabase = new RegExp(
  String.raw`^((?:CREATE|ALTER|COMMENT ON|(?:GRANT|REVOKE) [A-Z, ]+ ON|ALTER ROLE ${identifier} IN) DATABASE )([\s\S]*)$`,
);

/** The name of the database that a statement makes or changes, and the statement with another name in its place. */
export function retarget(statement: string): { database: string; as(name: string): string } | undefined {
  const [, head, tail] = aboutDatabase.exec(statement) ?? [];
  const found = readIdentifier(tail ?? "");
  if (head === undefined || found === undefined) return undefined;
  return { database: found.name, as: (name) => `${head}${quoteIdentifier(name)}${found.rest}` };
}

/**
 * The statements of a script that make a database and its properties (encoding, collation, owner, settings, rights),
 * with another name in place of its own. The statement that creates it comes first.
 */
export function databaseStatements(script: string, name: string): string[] {
  return statementsOf(script).flatMap((statement) => retarget(statement)?.as(name) ?? []);
}
