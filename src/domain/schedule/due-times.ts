import { certainCron, type Cron } from "../atoms/cron.ts";
import {
  firstInstant,
  furthestWallTime,
  instantsOf,
  repeatAfter,
  repeatBefore,
  wallTime,
  type Instant,
} from "./local-time.ts";

/** The due times of a cron line in a time zone. */
export interface DueTimes {
  /** The newest that is not after `at`; undefined when there never was one. */
  latest(at: Instant): Instant | undefined;
  /** The first after `at`; undefined when there will be none. */
  next(at: Instant): Instant | undefined;
}

const known = new Map<string, DueTimes>();
const knownLimit = 500;

/**
 * The due times of a cron line in a time zone. A line whose hour field allows every hour is due whenever clocks show a time
 * of it: in each real hour, also when clocks are changed. Of any other line each time is due once: one that comes twice the
 * first time, one that clocks skip the moment after, and several skipped ones then together.
 * So does Debian's cron(8), but that it takes a line for the former when there is a star in its hour or its minute. croner
 * does so for a single time only: of `30 2,14 * * *` it loses the skipped time and has the repeated one twice.
 * Throws on no cron line and on no time zone.
 */
export function dueTimes(line: string, zone: string): DueTimes {
  const key = `${line} ${zone}`;
  const there = known.get(key);
  if (there !== undefined) return there;
  const made = remembering(computedTimes(line, zone));
  if (known.size >= knownLimit) known.clear();
  known.set(key, made);
  return made;
}

/** The same, found anew each time. */
export function computedTimes(line: string, zone: string): DueTimes {
  const cron = certainCron(line);
  // Years are searched for a day such as 30 February; once is enough.
  if (cron.next(0) === undefined) return { latest: () => undefined, next: () => undefined };
  return cron.everyHour ? wheneverShown(cron, zone) : onceEach(cron, zone);
}

function onceEach(cron: Cron, zone: string): DueTimes {
  const instant = (wall: number | undefined): Instant | undefined =>
    wall === undefined ? undefined : firstInstant(zone, wall);
  return {
    latest: (at) => instant(cron.latest(furthestWallTime(zone, at))),
    next: (at) => instant(cron.next(furthestWallTime(zone, at))),
  };
}

function wheneverShown(cron: Cron, zone: string): DueTimes {
  return {
    latest(at) {
      const found: Instant[] = [];
      let wall = cron.latest(wallTime(zone, at));
      // What clocks skip has no instant.
      for (; wall !== undefined && found.length === 0; wall = cron.latest(wall - 1)) {
        found.push(...instantsOf(zone, wall).filter((instant) => instant <= at));
      }
      // While an hour is repeated, later times of its first run lie behind.
      const repeat = repeatBefore(zone, at);
      const shown = repeat === undefined ? undefined : cron.latest(repeat.from - 1);
      if (repeat !== undefined && shown !== undefined) found.push(shown - repeat.offsetBefore);
      return found.length === 0 ? undefined : Math.max(...found);
    },
    next(at) {
      const found: Instant[] = [];
      let wall = cron.next(wallTime(zone, at));
      for (; wall !== undefined && found.length === 0; wall = cron.next(wall)) {
        found.push(...instantsOf(zone, wall).filter((instant) => instant > at));
      }
      // When an hour will be repeated, earlier times of the clock lie ahead.
      const repeat = repeatAfter(zone, at);
      const shown = repeat === undefined ? undefined : cron.next(repeat.to - 1);
      if (repeat !== undefined && shown !== undefined) found.push(shown - repeat.offsetAfter);
      return found.length === 0 ? undefined : Math.min(...found);
    },
  };
}

/** A week of a line of every minute. */
const longestMemory = 10_000;

/**
 * Remembers a stretch of due times without gaps. A thousand apps of one line, each with its own jitter, ask for the times of
 * the last hours every minute.
 */
function remembering(times: DueTimes): DueTimes {
  let stretch: Instant[] = [];
  /** Makes the stretch reach around `at`. False when there is no due time on one of its sides. */
  const cover = (at: Instant): boolean => {
    if (stretch.length === 0) {
      const latest = times.latest(at);
      if (latest === undefined) return false;
      stretch = [latest];
    }
    for (let first = stretch[0] ?? at; first > at; first = stretch[0] ?? at) {
      const before = times.latest(first - 1);
      if (before === undefined) return false;
      if (stretch.length > longestMemory) return restart(at);
      stretch.unshift(before);
    }
    for (let last = stretch.at(-1) ?? at; last <= at; last = stretch.at(-1) ?? at) {
      const after = times.next(last);
      if (after === undefined) return false;
      if (stretch.length > longestMemory) return restart(at);
      stretch.push(after);
    }
    return true;
  };
  const restart = (at: Instant): boolean => {
    stretch = [];
    return cover(at);
  };
  /** Index of the first due time after `at`. */
  const after = (at: Instant): number => {
    let [low, high] = [0, stretch.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stretch[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    latest: (at) => (cover(at) ? stretch[after(at) - 1] : times.latest(at)),
    next: (at) => (cover(at) ? stretch[after(at)] : times.next(at)),
  };
}
