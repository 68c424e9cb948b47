/**
 * The pattern that matches exactly `path`: restic's includes are patterns (Go's filepath.Match for each part of the
 * path), in which these four characters have a meaning and a backslash takes it away.
 */
export function literalPattern(path: string): string {
  return path.replaceAll(/[*?[\\]/g, String.raw`\$&`);
}
