import { redact } from "../../base/secrets/secret.ts";

const escapes = /\u001b\[[\d;]*m/g;
const ascii = /^[\u0020-\u007e]*$/;
const zeroWidth = /^(?:\p{Mark}|[\u200b-\u200f])$/u;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** Columns that a text takes on a terminal, without its colours. */
export function widthOf(text: string): number {
  const bare = text.replaceAll(escapes, "");
  if (ascii.test(bare)) return bare.length;
  let width = 0;
  for (const sign of bare) width += columnsOf(sign);
  return width;
}

function columnsOf(sign: string): number {
  if (zeroWidth.test(sign)) return 0;
  return wide.test(sign) ? 2 : 1;
}

/** Control characters made visible: a file's name must not move the cursor or change colours. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (sign) => {
    if (sign === "\n") return "\\n";
    if (sign === "\t") return "\\t";
    return `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
  });
}

/**
 * Text of other programs in one line: line breaks become spaces, other control characters become visible. Without
 * secrets: once it is wrapped, one that has a space in it would no longer be found.
 */
export function oneLine(text: string): string {
  return printable(
    redact(text)
      .replaceAll(/\s*[\r\n]+\s*/g, " ")
      .trim(),
  );
}

/** Cuts an uncoloured text to `width` columns, at its end or (paths, whose end says most) in its middle. */
export function fit(text: string, width: number, where: "end" | "middle" = "end"): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return width === 1 ? "…" : "";
  if (where === "end") return `${first(text, width - 1)}…`;
  const head = first(text, Math.floor((width - 1) / 3));
  return `${head}…${last(text, width - 1 - widthOf(head))}`;
}

function first(text: string, width: number): string {
  let taken = "";
  let left = width;
  for (const sign of text) {
    left -= columnsOf(sign);
    if (left < 0) break;
    taken += sign;
  }
  return taken;
}

function last(text: string, width: number): string {
  const signs = Array.from(text);
  let left = width;
  let from = signs.length;
  while (from > 0) {
    left -= columnsOf(signs[from - 1] ?? "");
    if (left < 0) break;
    from -= 1;
  }
  return signs.slice(from).join("");
}

export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
}

/** A word, or a command in backticks: people copy those. */
const words = /(?:`[^`]*`|[^\s`]|`)+/g;

/**
 * Breaks an uncoloured text into lines of at most `width` columns, at spaces, but not within `backticks`; what is longer
 * than a line is cut into pieces.
 */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(width, 10);
  const lines: string[] = [];
  let line = "";
  for (let word of text.match(words) ?? []) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > room) {
      lines.push(line);
      line = "";
    }
    while (widthOf(word) > room) {
      const head = first(word, room);
      lines.push(head);
      word = word.slice(head.length);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

/** `one`, `one and two`, `one, two and three`, `one, two and 5 more`. */
export function listing(names: readonly string[], most = 3): string {
  if (names.length <= 1) return names[0] ?? "";
  const shown = names.length > most ? names.slice(0, most - 1) : names.slice(0, -1);
  const rest = names.length > most ? `${names.length - shown.length} more` : names.at(-1);
  return `${shown.join(", ")} and ${rest}`;
}
