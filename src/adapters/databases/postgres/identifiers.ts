/** An SQL identifier, always quoted. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string literal that means the same whatever standard_conforming_strings says. */
export function quoteLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return value.includes("\\") ? `E${quoted}` : quoted;
}

/** The identifier at the start of `text`, as pg_dump writes it (quoted where needed), and what follows it. */
export function readIdentifier(text: string): { name: string; rest: string } | undefined {
  const match = /^(?:"((?:[^"]|"")*)"|([^\s".;(]+))/.exec(text);
  if (match === null) return undefined;
  const name = match[1]?.replaceAll('""', '"') ?? match[2] ?? "";
  return { name, rest: text.slice(match[0].length) };
}
