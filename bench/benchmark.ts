/** What a benchmark works with. */
export interface Setting {
  /** A private folder for everything that it makes; it goes when the benchmark has ended. */
  folder: string;
  /** How often everything is measured. */
  rounds: number;
  /** Sizes that only prove that the benchmark works; its figures then mean nothing. */
  quick: boolean;
  /** The restic that both sides run. */
  restic: string;
  /** Tells what is being done. */
  say: (line: string) => void;
}

/** One line of the table. */
export interface Figure {
  name: string;
  unit: "ratio" | "s" | "MB" | "%" | "processes";
  /** The figure is held when the median is not above it. */
  limit: number;
  /** One for each round. */
  samples: number[];
  /** Behind a ratio: Holdfast's milliseconds, and those of what it is compared with, in the same rounds. */
  times?: Times;
}

export interface Times {
  ours: number[];
  theirs: number[];
}

export interface Benchmark {
  name: string;
  /** What is compared with what. */
  summary: string;
  /** What it needs and this machine has not. */
  lacks?: () => string | undefined;
  run: (setting: Setting) => Promise<Figure[]>;
}

/** A figure that compares wall times, round by round. */
export function ratio(name: string, limit: number, times: Times): Figure {
  const samples = times.ours.map((ours, round) => ours / (times.theirs[round] ?? Number.NaN));
  return { name, unit: "ratio", limit, samples, times };
}

/** The middle one, or the mean of the middle two. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
