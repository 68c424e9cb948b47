import { failure } from "../../../base/errors/error.ts";

/**
 * One argument list as restic's own options take it (`sftp.args`, `rclone.program`): restic splits such a string at
 * blanks, and knows both kinds of quotes. Its releases differ in what a backslash or a quote inside a word means, so
 * every word is quoted whole, and one that holds what they disagree about is refused with HF_USAGE.
 */
export function resticWords(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

function quoted(word: string): string {
  const quote = word.includes('"') ? "'" : '"';
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (word === "" || word.includes(quote) || word.includes("\\") || /[\u0000-\u001F]/.test(word)) {
    throw failure("HF_USAGE", {
      help: "holdfast config check --help",
      detail: `${JSON.stringify(word)} cannot be handed to restic: it is empty or holds a backslash, a line end or both kinds of quotes.`,
    });
  }
  return `${quote}${word}${quote}`;
}
