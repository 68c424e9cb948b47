const lineFeed = 0x0a;
/** First bytes of the lines that may name a definer: `CREATE …` and `/*!50013 …`. */
const beginnings = new Set(["C".charCodeAt(0), "/".charCodeAt(0)]);
/** How the dump programs write it, for routines, triggers, events and views. */
const definer = /^((?:CREATE|\/\*!\d+) (?:CREATE ?\*\/ \/\*!\d+ )?)DEFINER=(`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?)/;

/**
 * Passes a dump on and replaces definers who are not among `keep` by whoever loads it: an unknown definer makes a view
 * or routine unusable, or cannot be set at all. Those replaced are added to `replaced`. Names are `user@host`.
 */
export async function* withDefiners(
  source: AsyncIterable<Buffer>,
  keep: ReadonlySet<string>,
  replaced: Set<string>,
): AsyncGenerator<Buffer> {
  const rewrite = (line: string): string =>
    line.replace(definer, (whole, before: string, account: string) => {
      const name = account.replaceAll("`@`", "@").replace(/^`|`$/g, "").replaceAll("``", "`");
      if (keep.has(name)) return whole;
      replaced.add(name);
      return `${before}DEFINER=CURRENT_USER`;
    });
  let held: Buffer | undefined;
  let atLineStart = true;
  for await (const chunk of source) {
    let index = 0;
    let passed = 0;
    const pieces: Buffer[] = [];
    while (index < chunk.length) {
      const begins = held !== undefined || (atLineStart && beginnings.has(chunk[index] ?? 0));
      const end = chunk.indexOf(lineFeed, index);
      const stop = end < 0 ? chunk.length : end + 1;
      if (begins) {
        if (passed < index) pieces.push(chunk.subarray(passed, index));
        held = held === undefined ? chunk.subarray(index, stop) : Buffer.concat([held, chunk.subarray(index, stop)]);
        passed = stop;
        if (end >= 0) {
          // latin1 keeps every byte as it is.
          pieces.push(Buffer.from(rewrite(held.toString("latin1")), "latin1"));
          held = undefined;
        }
      }
      atLineStart = end >= 0;
      index = stop;
    }
    if (passed < chunk.length) pieces.push(chunk.subarray(passed));
    if (pieces.length > 0) yield Buffer.concat(pieces);
  }
  if (held !== undefined) yield Buffer.from(rewrite(held.toString("latin1")), "latin1");
}
