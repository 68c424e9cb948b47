/** The first version number in a text such as `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0)`. */
export function versionIn(text: string): string | undefined {
  return /\d+(\.\d+)+|\b\d+(?=beta|rc|devel|\b)/.exec(text)?.[0];
}

/** The leading number: `15` of `15.14`. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

/** Below zero when `a` is older than `b`, compared number by number. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map((part) => Number.parseInt(part, 10));
  const right = b.split(".").map((part) => Number.parseInt(part, 10));
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
