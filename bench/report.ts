import { median, type Figure } from "./benchmark.ts";

export interface Result {
  benchmark: string;
  figure: Figure;
}

/** Whether a figure is held: its median, not its best round, decides. */
export function holds(figure: Figure): boolean {
  return median(figure.samples) <= figure.limit;
}

/** The table, and below it the command that gives each part of it again. */
export function tableOf(results: readonly Result[], quick: boolean): string {
  const head = ["", "limit", "min", "median", "max", "holdfast", "against", "unit", quick ? "" : "held"];
  const rows = results.map(({ benchmark, figure }) => [
    `${benchmark}: ${figure.name}`,
    figure.limit.toString(),
    text(figure, Math.min(...figure.samples)),
    text(figure, median(figure.samples)),
    text(figure, Math.max(...figure.samples)),
    figure.times === undefined ? "" : seconds(figure.times.ours),
    figure.times === undefined ? "" : seconds(figure.times.theirs),
    figure.unit,
    quick ? "" : holds(figure) ? "yes" : "NO",
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const aligned = [head, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  const names = [...new Set(results.map(({ benchmark }) => benchmark))];
  const again = names.map((name) => `${name}: npm run bench -- ${name}${quick ? " --quick" : ""}`);
  return [...aligned.map((row) => row.join("  ").trimEnd()), "", ...again].join("\n");
}

/** The same on one line, with every sample. Times are in milliseconds. */
export function documentOf(results: readonly Result[], machine: Record<string, unknown>): string {
  const figures = results.map(({ benchmark, figure }) => ({
    benchmark,
    ...figure,
    min: Math.min(...figure.samples),
    median: median(figure.samples),
    max: Math.max(...figure.samples),
    held: holds(figure),
    command: `npm run bench -- ${benchmark}`,
  }));
  return JSON.stringify({ machine, figures });
}

function text({ unit }: Figure, value: number): string {
  if (unit === "processes") return value.toString();
  return unit === "MB" ? value.toFixed(0) : value.toFixed(3);
}

function seconds(samples: readonly number[]): string {
  const value = median(samples) / 1000;
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}
