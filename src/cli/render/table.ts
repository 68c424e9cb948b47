import { paint, type Look, type Tone } from "./look.ts";
import { fit, pad, widthOf } from "./text.ts";

export interface Cell {
  text: string;
  tone?: Tone;
}

export interface Column {
  title?: string;
  align?: "left" | "right";
  /** Where its texts are cut when the line would get too wide. Without it the column keeps its width. */
  cut?: "end" | "middle";
  /** It never gets narrower than this. Default 8. */
  least?: number;
  /** Left out, the last such column first, when cutting does not suffice. */
  optional?: boolean;
}

const gap = 2;

/** Lines of an aligned table that fits `look.columns`. Titles are shown when any column has one; no rows, no lines. */
export function table(
  look: Look,
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  indent = 0,
): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? { text: cell } : cell)));
  const natural = columns.map((column, index) => {
    const texts = cells.map((row) => widthOf(row[index]?.text ?? ""));
    return Math.max(widthOf(column.title ?? ""), 0, ...texts);
  });
  const shown = columns.map(
    (_, index) => (natural[index] ?? 0) > 0 && cells.some((row) => (row[index]?.text ?? "") !== ""),
  );
  const widths = fitted(columns, natural, shown, look.columns - indent);

  const line = (row: readonly Cell[], tone?: Tone): string => {
    const parts = columns.flatMap((column, index) => {
      if (shown[index] !== true) return [];
      const cell = row[index] ?? { text: "" };
      const width = widths[index] ?? 0;
      const text = fit(cell.text, width, column.cut ?? "end");
      const space = " ".repeat(width - widthOf(text));
      const painted = paint(look, tone ?? cell.tone ?? "plain", text);
      return [column.align === "right" ? space + painted : painted + space];
    });
    return (" ".repeat(indent) + parts.join(" ".repeat(gap))).trimEnd();
  };
  const titles = columns.map((column) => ({ text: column.title ?? "" }));
  const head = titles.some(({ text }) => text !== "") ? [line(titles, "dim")] : [];
  return [...head, ...cells.map((row) => line(row))];
}

/** Narrows the widest of the columns that may be cut, then drops optional ones; `shown` is changed. */
function fitted(columns: readonly Column[], natural: readonly number[], shown: boolean[], room: number): number[] {
  const widths = [...natural];
  const total = (): number =>
    widths.reduce((sum, width, index) => (shown[index] === true ? sum + width + gap : sum), -gap);
  for (;;) {
    while (total() > room) {
      const widest = columns.reduce<number | undefined>((best, column, index) => {
        const width = widths[index] ?? 0;
        const may = shown[index] === true && column.cut !== undefined && width > (column.least ?? 8);
        return may && (best === undefined || width > (widths[best] ?? 0)) ? index : best;
      }, undefined);
      if (widest === undefined) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
    }
    if (total() <= room) return widths;
    const dropped = columns.findLastIndex((column, index) => column.optional === true && shown[index] === true);
    if (dropped < 0) return widths;
    shown[dropped] = false;
    // What was narrowed for its sake may get its width back.
    for (const [index, width] of natural.entries()) widths[index] = width;
  }
}

/** `label   value` lines, the labels dim and of one width. */
export function fields(look: Look, rows: readonly (readonly [label: string, value: string])[], indent = 2): string[] {
  const width = Math.max(0, ...rows.map(([label]) => widthOf(label)));
  return rows.map(([label, value]) => `${" ".repeat(indent)}${paint(look, "dim", pad(label, width))}  ${value}`);
}
