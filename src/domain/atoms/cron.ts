import { Cron as Croner } from "croner";
import { z } from "zod";

interface Field {
  name: string;
  min: number;
  max: number;
  /** Names that stand for numbers. */
  names: readonly string[];
}

const fields: readonly Field[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  {
    name: "month",
    min: 1,
    max: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", min: 0, max: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const nicknames: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/**
 * A cron line taken apart. Its times are those that a clock on a wall shows, as milliseconds since 1970 if that clock showed
 * UTC; what they mean in a time zone is not known here (domain/schedule/due-times.ts).
 */
export interface Cron {
  /** The newest time of the line that is not after `wall`. */
  latest(wall: number): number | undefined;
  /** The first time of the line after `wall`. */
  next(wall: number): number | undefined;
  /** Whether any of its times is on the day of `wall`. */
  fallsOn(wall: number): boolean;
  /** Its times on each day on which it falls: minutes since midnight, ascending. */
  minutes: readonly number[];
  /** Whether its hour field allows every hour: such a line follows the hours as they go by, whatever the clock does. */
  everyHour: boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** From one leap day to the one after the next, when no century is between them; so 29 February is seen twice. */
const longestCycleDays = 8 * 366;

/** Lines are few, and read again and again. */
const read = new Map<string, Cron>();
const readLimit = 500;

/** Takes a cron line of five fields apart; a sentence that says what is wrong when it is none. */
export function parseCron(line: string): Cron | string {
  const known = read.get(line);
  if (known !== undefined) return known;
  const cron = takeApart(line);
  if (typeof cron === "string") return cron;
  if (read.size >= readLimit) read.clear();
  read.set(line, cron);
  return cron;
}

function takeApart(line: string): Cron | string {
  const parts = line.trim().split(/\s+/);
  if (parts.length !== 5) return `five fields (minute hour day month weekday); this has ${parts.length}`;
  const wrong = fields.find((field, index) => !isWritten(parts[index] ?? "", field)) ?? unreadable(parts);
  if (wrong !== undefined) return `${wrong.name} from ${wrong.min} to ${wrong.max}, a list, a range or a step`;
  const [minute = "*", hour = "*", ...days] = parts;
  const hours = valuesOf(open(`0 ${hour} * * *`), 24, hourMs);
  const ofHour = valuesOf(open(`${minute} * * * *`), 60, minuteMs);
  const minutes = hours.flatMap((hour) => ofHour.map((minute) => hour * 60 + minute));
  const day = open(["0", "0", ...days].join(" "));
  const fallsOn = (wall: number): boolean => day.match(new Date(midnightOf(wall)));
  return { ...walk(minutes, fallsOn), fallsOn, minutes, everyHour: hours.length === 24 };
}

/**
 * Day by day. croner's own search leaves out 1 March for `0 0 1,30 * *` and `0 0 1,15 * 1`: it looks for a 30 February first
 * (croner 11.0.0).
 */
function walk(minutes: readonly number[], fallsOn: Cron["fallsOn"]): Pick<Cron, "latest" | "next"> {
  const last = minutes.toReversed();
  const search = (wall: number, step: 1 | -1): number | undefined => {
    const fits = (time: number): boolean => (step === 1 ? time > wall : time <= wall);
    let midnight = midnightOf(wall);
    for (let day = 0; day <= longestCycleDays; day++, midnight += step * dayMs) {
      if (!fallsOn(midnight)) continue;
      const found = (step === 1 ? minutes : last).find((minute) => fits(midnight + minute * minuteMs));
      if (found !== undefined) return midnight + found * minuteMs;
    }
    return undefined;
  };
  return { latest: (wall) => search(wall, -1), next: (wall) => search(wall, 1) };
}

function midnightOf(wall: number): number {
  return Math.floor(wall / dayMs) * dayMs;
}

/** croner for a clock that shows UTC. */
function open(line: string): Croner {
  const [, , day = "", , weekday = ""] = line.split(" ");
  // crontab(5): when neither day field begins with `*`, a day that fits either of them counts. croner means a lone `*`.
  const domAndDow = day.startsWith("*") || weekday.startsWith("*");
  return new Croner(line, { utcOffset: 0, mode: "5-part", domAndDow, sloppyRanges: true });
}

/** Which of `count` steps since the beginning of the day the line allows. */
function valuesOf(line: Croner, count: number, stepMs: number): number[] {
  return Array.from({ length: count }, (_, value) => value).filter((value) => line.match(new Date(value * stepMs)));
}

/** croner knows more than crontab(5), such as `L`, `#` and `?`: what other programs would not read is refused. */
function isWritten(text: string, field: Field): boolean {
  const items = text.toLowerCase().split(",");
  const words = items.flatMap((item) => /^(?:\*|(\w+)(?:-(\w+))?)(?:\/\d+)?$/.exec(item)?.slice(1) ?? ["?"]);
  return words.every((word) => word === undefined || /^\d{1,2}$/.test(word) || field.names.includes(word));
}

/** The field that croner does not take; undefined when it takes the line. */
function unreadable(parts: readonly string[]): Field | undefined {
  if (isTaken(parts)) return undefined;
  return fields.find((_, index) => !isTaken(parts.map((part, other) => (other === index ? part : "*"))));
}

function isTaken(parts: readonly string[]): boolean {
  try {
    open(parts.join(" "));
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** A cron line that has been checked already. Throws on no cron line. */
export function certainCron(line: string): Cron {
  const cron = parseCron(line);
  if (typeof cron === "string") throw new TypeError(`"${line}" is not a cron line: expected ${cron}`);
  return cron;
}

/** Whether the line fires at any time on the day of `date`, in this machine's time zone. Throws on no cron line. */
export function fallsOn(line: string, date: Date): boolean {
  return certainCron(line).fallsOn(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
}

const dayMinutes = 24 * 60;

const gaps = new WeakMap<Cron, number>();

/**
 * The longest time between two firings of the line, in milliseconds, clock changes aside; infinite for a day that never
 * comes, such as 30 February. Throws on no cron line.
 */
export function longestGapMs(line: string): number {
  const cron = certainCron(line);
  const known = gaps.get(cron) ?? gapOf(cron);
  gaps.set(cron, known);
  return known;
}

function gapOf(cron: Cron): number {
  const times = cron.minutes;
  const days: number[] = [];
  for (let day = 0; day <= longestCycleDays; day++) {
    if (cron.fallsOn(Date.UTC(2024, 0, 1 + day))) days.push(day);
  }
  const overnight = dayMinutes - (times.at(-1) ?? 0) + (times[0] ?? 0);
  const within = times.map((time, index) => time - (times[index - 1] ?? time));
  const between = days.map((day, index) => (day - (days[index - 1] ?? day) - 1) * dayMinutes + overnight);
  if (days.length < 2) return Number.POSITIVE_INFINITY;
  return Math.max(...within, ...between.slice(1)) * minuteMs;
}

/** A schedule in a declaration: a cron line of five fields or a nickname such as `@daily`; its value has five fields. */
export const cronSchema = z
  .string()
  .transform((text, context): string => {
    const nickname = text.trim().toLowerCase();
    // `constructor` is a property of every object.
    const known = Object.hasOwn(nicknames, nickname) ? nicknames[nickname] : undefined;
    const line = known ?? text.trim().split(/\s+/).join(" ");
    const parsed = parseCron(line);
    if (typeof parsed !== "string") return line;
    context.addIssue({ code: "custom", message: `a cron line such as "0 2 * * *": ${parsed}` });
    return z.NEVER;
  })
  .meta({ title: "Schedule", description: 'Cron, five fields, in local time: "0 2 * * *" is every night at two.' });
