import { z } from "zod";
import type { Blackout } from "../app.ts";

const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const everyDay = [0, 1, 2, 3, 4, 5, 6];
const form = /^(?:([A-Za-z,-]+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/;

/** `22:00-06:00`, `Mon-Fri 08:00-18:00`, `Sat,Sun 00:00-24:00`. */
export const blackoutSchema = z
  .string()
  .transform((text, context): Blackout => {
    const window = parseBlackout(text.trim());
    if (window !== undefined) return window;
    context.addIssue({ code: "custom", message: 'a window such as "22:00-06:00" or "Mon-Fri 08:00-18:00"' });
    return z.NEVER;
  })
  .meta({
    title: "Window",
    description: 'Times of the day, `"22:00-06:00"`, or of the week, `"Mon-Fri 08:00-18:00"`.',
  });

/** The window as it is declared: `Mon,Tue 08:00-18:00`. */
export function blackoutText({ weekdays: days, fromMinute, toMinute }: Blackout): string {
  const clock = (minute: number): string =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
  const named = days.map((day) => weekdays[day] ?? "").map((day) => `${day.charAt(0).toUpperCase()}${day.slice(1)}`);
  return `${days.length === everyDay.length ? "" : `${named.join(",")} `}${clock(fromMinute)}-${clock(toMinute)}`;
}

function parseBlackout(text: string): Blackout | undefined {
  const [, days, ...numbers] = form.exec(text) ?? [];
  const [fromHour = 99, fromMinute = 99, toHour = 99, toMinute = 99] = numbers.map(Number);
  const named = days === undefined ? everyDay : parseDays(days);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  const lastMinute = 24 * 60;
  if (named === undefined || fromMinute > 59 || toMinute > 59 || from >= lastMinute || to > lastMinute)
    return undefined;
  return from === to ? undefined : { weekdays: named, fromMinute: from, toMinute: to };
}

function parseDays(text: string): number[] | undefined {
  const found = new Set<number>();
  for (const item of text.toLowerCase().split(",")) {
    const [first = -1, last = first, more] = item.split("-").map((name) => weekdays.indexOf(name));
    if (first < 0 || last < 0 || more !== undefined) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      found.add(day);
      if (day === last) break;
    }
  }
  return [...found].sort((one, other) => one - other);
}
