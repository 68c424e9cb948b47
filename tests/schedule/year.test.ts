import { describe, expect, it } from "vitest";
import { latestDue, nextDue } from "../../src/domain/schedule/timing.ts";

const minuteMs = 60_000;
const hours = Array.from({ length: 24 }, (_, hour) => hour);

/** A line, and by hand what it means: local times as `HH:MM`, on days for which `on` holds. */
interface Case {
  line: string;
  times: string[];
  on?: (month: number, day: number, weekday: number) => boolean;
  everyHour?: true;
}

const at = (list: number[], minutes: number[]): string[] =>
  list.flatMap((hour) =>
    minutes.map((minute) => `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`),
  );

const cases: Case[] = [
  { line: "0 2 * * *", times: ["02:00"] },
  { line: "30 2 * * *", times: ["02:30"] },
  { line: "0 0 * * *", times: ["00:00"] },
  { line: "30 23 * * *", times: ["23:30"] },
  { line: "15,45 0-2 * * *", times: at([0, 1, 2], [15, 45]) },
  {
    line: "0 */2 * * *",
    times: at(
      hours.filter((hour) => hour % 2 === 0),
      [0],
    ),
  },
  { line: "*/15 2 * * *", times: at([2], [0, 15, 30, 45]) },
  {
    line: "* 0 * * *",
    times: at(
      [0],
      Array.from({ length: 60 }, (_, minute) => minute),
    ),
  },
  { line: "30 2 * * sun", times: ["02:30"], on: (_, __, weekday) => weekday === 0 },
  { line: "0 0 * * 7", times: ["00:00"], on: (_, __, weekday) => weekday === 0 },
  { line: "0 4 31 * *", times: ["04:00"], on: (_, day) => day === 31 },
  { line: "0 0 1,15 * 1", times: ["00:00"], on: (_, day, weekday) => day === 1 || day === 15 || weekday === 1 },
  // croner's own search leaves out 1 March.
  { line: "0 0 1,30 * *", times: ["00:00"], on: (_, day) => day === 1 || day === 30 },
  { line: "0 0 */10 * 0", times: ["00:00"], on: (_, day, weekday) => day % 10 === 1 && weekday === 0 },
  { line: "30 2 29 3 *", times: ["02:30"], on: (month, day) => month === 3 && day === 29 },
  { line: "0 * * * *", times: at(hours, [0]), everyHour: true },
  { line: "*/20 * * * *", times: at(hours, [0, 20, 40]), everyHour: true },
  { line: "45 * * * 0", times: at(hours, [45]), on: (_, __, weekday) => weekday === 0, everyHour: true },
];

const begin = Date.UTC(2026, 0, 1);
const end = Date.UTC(2027, 0, 1);

/** Every minute of the year as clocks in the zone show it, `2026-03-29 03:00`; one format per minute, and no arithmetic. */
function shownIn(zone: string): string[] {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return Array.from({ length: (end - begin) / minuteMs }, (_, minute) => format.format(begin + minute * minuteMs));
}

/** The minutes of the year in which a line is due, found by looking at the clock alone. */
function expected({ times, on, everyHour }: Case, shown: readonly string[]): number[] {
  const falls = (date: string): boolean => {
    const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
    return on === undefined || on(month, day, new Date(Date.UTC(year, month - 1, day)).getUTCDay());
  };
  const wanted = new Set(times);
  if (everyHour === true) {
    return shown.flatMap((text, minute) => (wanted.has(text.slice(11)) && falls(text.slice(0, 10)) ? [minute] : []));
  }
  // Each time once: when the clock shows it for the first time, or a later one without having shown it.
  const dates = [...new Set(shown.map((text) => text.slice(0, 10)))].filter(falls);
  const walls = dates.flatMap((date) => times.map((time) => `${date} ${time}`)).sort();
  const due = new Set<number>();
  let minute = 0;
  for (const wall of walls) {
    while (minute < shown.length && (shown[minute] ?? "") < wall) minute++;
    if (minute > 0 && minute < shown.length) due.add(minute);
  }
  return [...due];
}

describe.each(["UTC", "Europe/Berlin", "America/Santiago"])("a year in %s, looked at each minute", (zone) => {
  const shown = shownIn(zone);

  // Where clocks are never changed, a few will do.
  it.each(zone === "UTC" ? cases.filter((_, index) => index % 4 === 0) : cases)(
    "$line: every due time once, none twice, none lost",
    (one) => {
      const timing = { schedule: one.line, zone, offsetMs: 0 };
      const ran: number[] = [];
      let last = begin;
      let announced = nextDue(timing, new Date(begin))?.getTime();
      for (let minute = 0; minute < shown.length; minute++) {
        const now = new Date(begin + minute * minuteMs);
        const due = latestDue(timing, now)?.getTime() ?? 0;
        if (due <= last) continue;
        ran.push(minute);
        // It was told beforehand, and nothing was left out between two looks.
        expect(due).toBe(announced);
        announced = nextDue(timing, now)?.getTime();
        last = due;
      }
      expect(ran).toEqual(expected(one, shown).filter((minute) => minute > 0));
    },
  );
});
