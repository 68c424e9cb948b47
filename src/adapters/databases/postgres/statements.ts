/** One piece: a quoted thing (where a semicolon ends nothing), a comment, a psql line, or the text in between. */
const piece =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|^\\[^\n]*$|;|[^;'"$\\/eE-]+|[\s\S]/gm;

/**
 * Splits a script of pg_dump or pg_dumpall without data into its statements, without comments, psql's own lines and
 * the final semicolons.
 */
export function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let current = "";
  for (const [text] of script.matchAll(piece)) {
    if (text === ";") {
      statements.push(current.trim());
      current = "";
    } else if (!/^(--|\/\*|\\)/.test(text)) {
      current += text;
    }
  }
  return [...statements, current.trim()].filter((statement) => statement !== "");
}
