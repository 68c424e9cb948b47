import { readIdentifier } from "./identifiers.ts";
import type { Session } from "./session.ts";
import { statementsOf } from "./statements.ts";

const grantor = / GRANTED BY ("([^"]|"")*"|\S+)$/;

/** The role that a statement of a globals script makes or changes; for a grant, the member. */
export function roleOf(statement: string): string | undefined {
  const after = /^(?:CREATE ROLE|ALTER ROLE|COMMENT ON ROLE) ([\s\S]*)$/.exec(statement)?.[1];
  if (after !== undefined) return readIdentifier(after)?.name;
  const granted = readIdentifier(/^GRANT ([\s\S]*)$/.exec(statement)?.[1] ?? "");
  const member = / ?TO ([\s\S]*)$/.exec(granted?.rest ?? "")?.[1];
  return member === undefined || !granted?.rest.startsWith(" TO ") ? undefined : readIdentifier(member)?.name;
}

/**
 * Creates the roles of a globals script that the server lacks, with their passwords, settings and memberships. A role
 * that is there keeps everything that it has. Throws HF_PROGRAM_FAILED.
 */
export async function createMissingRoles(session: Session, globals: string): Promise<string[]> {
  const lines = await session.query("SELECT pg_catalog.to_json(rolname::text) FROM pg_catalog.pg_roles");
  const present = new Set(lines.map((line): unknown => JSON.parse(line)));
  const created = new Set<string>();
  for (const statement of statementsOf(globals)) {
    const role = roleOf(statement);
    if (role === undefined || present.has(role)) continue;
    if (/^ALTER ROLE .* IN DATABASE /.test(statement)) continue;
    if (statement.startsWith("CREATE ROLE ")) created.add(role);
    // Who granted a membership on the old server may not exist on this one.
    await session.query(statement.replace(grantor, ""));
  }
  return [...created];
}
