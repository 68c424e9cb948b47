import { z } from "zod";

const names = {
  month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

interface Field {
  name: string;
  min: number;
  max: number;
  /** Names that stand for numbers, the first one for `min`. */
  names: readonly string[];
}

const fields: readonly [Field, Field, Field, Field, Field] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: names.month },
  { name: "day of the week", min: 0, max: 7, names: names.weekday },
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

/** A cron line taken apart: which values each field allows. Days of the week are 0 (Sunday) to 6. */
export interface Cron {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** crontab(5): when neither day field begins with `*`, a day that fits either of them counts. */
  eitherDay: boolean;
}

/** Takes a cron line of five fields apart; a sentence that says what is wrong when it is none. */
export function parseCron(line: string): Cron | string {
  const parts = line.trim().split(/\s+/);
  if (parts.length !== 5) return `five fields (minute hour day month weekday); this has ${parts.length}`;
  const values: Set<number>[] = [];
  for (const [index, field] of fields.entries()) {
    const found = fieldValues(parts[index] ?? "", field);
    if (found === undefined) return `${field.name} from ${field.min} to ${field.max}, a list, a range or a step`;
    values.push(found);
  }
  const [minutes, hours, days, months, weekdays] = values;
  if (!minutes || !hours || !days || !months || !weekdays) return "five fields";
  if (weekdays.delete(7)) weekdays.add(0);
  return {
    minutes,
    hours,
    days,
    months,
    weekdays,
    eitherDay: !parts[2]?.startsWith("*") && !parts[4]?.startsWith("*"),
  };
}

function fieldValues(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of text.toLowerCase().split(",")) {
    const found = /^(\*|[0-9a-z]+)(?:-([0-9a-z]+))?(?:\/(\d+))?$/.exec(item);
    if (found === null) return undefined;
    const [, from = "", to, step] = found;
    const all = from === "*";
    if (all && to !== undefined) return undefined;
    const first = all ? field.min : numberOf(from, field);
    const last = to === undefined ? (all || step !== undefined ? field.max : first) : numberOf(to, field);
    const stride = Number(step ?? 1);
    if (first === undefined || last === undefined || last < first || stride < 1) return undefined;
    for (let value = first; value <= last; value += stride) values.add(value);
  }
  return values;
}

function numberOf(text: string, field: Field): number | undefined {
  const named = field.names.indexOf(text);
  if (named >= 0) return named + field.min;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= field.min && value <= field.max ? value : undefined;
}

/** Whether the line fires at any time on the day of `date`, in this machine's time zone. Throws on no cron line. */
export function fallsOn(line: string, date: Date): boolean {
  return fitsDay(certain(line), { month: date.getMonth() + 1, day: date.getDate(), weekday: date.getDay() });
}

const dayMinutes = 24 * 60;
/** From one leap day to the one after the next, so that 29 February is seen twice. */
const longestCycleDays = 8 * 366;

/**
 * The longest time between two firings of the line, in milliseconds, clock changes aside; infinite for a day that never
 * comes, such as 30 February. Throws on no cron line.
 */
export function longestGapMs(line: string): number {
  const cron = certain(line);
  const ascending = (one: number, other: number): number => one - other;
  const times = [...cron.hours]
    .flatMap((hour) => [...cron.minutes].map((minute) => hour * 60 + minute))
    .sort(ascending);
  const days: number[] = [];
  for (let day = 0; day <= longestCycleDays; day++) {
    const date = new Date(Date.UTC(2024, 0, 1 + day));
    const parts = { month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() };
    if (fitsDay(cron, parts)) days.push(day);
  }
  const overnight = dayMinutes - (times.at(-1) ?? 0) + (times[0] ?? 0);
  const within = times.map((time, index) => time - (times[index - 1] ?? time));
  const between = days.map((day, index) => (day - (days[index - 1] ?? day) - 1) * dayMinutes + overnight);
  if (days.length < 2) return Number.POSITIVE_INFINITY;
  return Math.max(...within, ...between.slice(1)) * 60_000;
}

function certain(line: string): Cron {
  const cron = parseCron(line);
  if (typeof cron === "string") throw new TypeError(`"${line}" is not a cron line: expected ${cron}`);
  return cron;
}

function fitsDay(cron: Cron, { month, day, weekday }: { month: number; day: number; weekday: number }): boolean {
  if (!cron.months.has(month)) return false;
  const [dayFits, weekdayFits] = [cron.days.has(day), cron.weekdays.has(weekday)];
  return cron.eitherDay ? dayFits || weekdayFits : dayFits && weekdayFits;
}

/** A schedule in a declaration: a cron line of five fields or a nickname such as `@daily`; its value has five fields. */
export const cronSchema = z
  .string()
  .transform((text, context): string => {
    const line = nicknames[text.trim().toLowerCase()] ?? text.trim().split(/\s+/).join(" ");
    const parsed = parseCron(line);
    if (typeof parsed !== "string") return line;
    context.addIssue({ code: "custom", message: `a cron line such as "0 2 * * *": ${parsed}` });
    return z.NEVER;
  })
  .meta({ title: "Schedule", description: 'Cron, five fields, in local time: "0 2 * * *" is every night at two.' });
