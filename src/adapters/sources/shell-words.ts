/** Splits a command line into words as a shell would, with quotes and backslashes and nothing else of a shell. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  const parts = /\s+|'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)/gs;
  let word: string | undefined;
  for (const [whole, single, double, escaped, plain] of line.matchAll(parts)) {
    if (/^\s/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + (single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? "");
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
