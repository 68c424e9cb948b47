/**
 * One component of a pattern, as Go's filepath.Match reads it: `*`, `?`, `[a-z]`, `[^a-z]` and `\` before a character.
 * Names are text with lone surrogates for bytes that are not UTF-8 (see base/files/names.ts).
 */
export type Component = (name: string) => boolean;

type Token = "star" | ((character: string) => boolean);

/** Compiles one component. Undefined when the pattern is malformed: restic refuses to run with such a one. */
export function compileComponent(pattern: string): Component | undefined {
  if (!/[\\[\]*?]/.test(pattern)) return (name) => name === pattern;
  const tokens = tokenize(Array.from(pattern));
  return tokens && ((name) => matches(tokens, Array.from(name)));
}

function tokenize(pattern: string[]): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "*") {
      if (tokens.at(-1) !== "star") tokens.push("star");
    } else if (character === "?") {
      tokens.push(() => true);
    } else if (character === "[") {
      const set = readSet(pattern, at + 1);
      if (set === undefined) return undefined;
      tokens.push(set.test);
      at = set.end;
    } else {
      if (character === "\\") at += 1;
      const literal = pattern[at];
      if (literal === undefined) return undefined;
      tokens.push((found) => found === literal);
    }
  }
  return tokens;
}

/** Reads `^a-z]` from behind the bracket; a set holds at least one range, and `-` and `]` only behind a backslash. */
function readSet(pattern: string[], start: number): { test: (character: string) => boolean; end: number } | undefined {
  let at = start;
  const negated = pattern[at] === "^";
  if (negated) at += 1;
  const ranges: [number, number][] = [];
  const one = (): number | undefined => {
    if (pattern[at] === "-" || pattern[at] === "]") return undefined;
    if (pattern[at] === "\\") at += 1;
    return pattern[at++]?.codePointAt(0);
  };
  while (pattern[at] !== "]" || ranges.length === 0) {
    const low = one();
    let high = low;
    if (pattern[at] === "-") {
      at += 1;
      high = one();
    }
    if (low === undefined || high === undefined) return undefined;
    ranges.push([low, high]);
  }
  const test = (character: string): boolean => {
    const code = codeOf(character);
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
  return { test, end: at };
}

/** Go sees every byte that is not UTF-8 as U+FFFD. */
function codeOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xdc80 && code <= 0xdcff ? 0xfffd : code;
}

/** Greedy, with one step back to the last star: linear in practice, never exponential. */
function matches(tokens: Token[], name: string[]): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < name.length) {
    const expected = tokens[token];
    if (expected === "star") {
      starToken = token++;
      starAt = at;
    } else if (expected?.(name[at] ?? "") === true) {
      token += 1;
      at += 1;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === "star") token += 1;
  return token === tokens.length;
}
