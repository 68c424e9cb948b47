/** Milliseconds since 1970 (UTC). */
export type Instant = number;
/** What a clock on a wall shows, as milliseconds since 1970 if that clock showed UTC. */
export type WallTime = number;

const secondMs = 1000;
/** More than any zone is ahead of UTC or behind it, or has ever been set forward or back at once. */
const farMs = 40 * 3600 * secondMs;

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far clocks in the zone are ahead of UTC at that instant. Throws RangeError on an unknown zone. */
export function offsetAt(zone: string, at: Instant): number {
  if (zone === "UTC") return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const second = Math.floor(at / secondMs) * secondMs;
  const [month = 1, day = 1, year = 1970, ...time] = (format.format(second).match(/\d+/g) ?? []).map(Number);
  return Date.UTC(year, month - 1, day, ...time) - second;
}

/** What a clock on a wall in that zone shows. */
export function wallTime(zone: string, at: Instant): WallTime {
  return at + offsetAt(zone, at);
}

/** The instants at which clocks in that zone show `wall`: none when they skip it, two when they show it twice. */
export function instantsOf(zone: string, wall: WallTime): Instant[] {
  const offsets = new Set([offsetAt(zone, wall - farMs), offsetAt(zone, wall + farMs)]);
  return [...offsets].filter((offset) => offsetAt(zone, wall - offset) === offset).map((offset) => wall - offset);
}

/**
 * The instant at which clocks in that zone first show `wall`, or show a later time for the first time: what they skip when
 * they are set forward, they have reached the moment after.
 */
export function firstInstant(zone: string, wall: WallTime): Instant {
  const [first] = instantsOf(zone, wall);
  return first ?? changeBetween(zone, wall - offsetAt(zone, wall + farMs), wall - offsetAt(zone, wall - farMs));
}

/** Clocks set back: from the wall time `from` to the wall time `to`. */
interface Repeat {
  from: WallTime;
  to: WallTime;
  offsetBefore: number;
  offsetAfter: number;
}

/** When clocks have been set back in the hours up to and including `at`. */
export function repeatBefore(zone: string, at: Instant): Repeat | undefined {
  return repeatBetween(zone, at - farMs, at);
}

/** When clocks will be set back in the hours after `at`. */
export function repeatAfter(zone: string, at: Instant): Repeat | undefined {
  return repeatBetween(zone, at, at + farMs);
}

function repeatBetween(zone: string, begin: Instant, end: Instant): Repeat | undefined {
  const [offsetBefore, offsetAfter] = [offsetAt(zone, begin), offsetAt(zone, end)];
  if (offsetBefore <= offsetAfter) return undefined;
  const change = changeBetween(zone, begin, end);
  return { from: change + offsetBefore, to: change + offsetAfter, offsetBefore, offsetAfter };
}

/**
 * The furthest that clocks in that zone have ever shown, up to this instant: they are behind it for as long as they show
 * an hour for the second time.
 */
export function furthestWallTime(zone: string, at: Instant): WallTime {
  const repeat = repeatBefore(zone, at);
  return Math.max(wallTime(zone, at), repeat === undefined ? 0 : repeat.from - secondMs);
}

/** The first second after `from` with the offset of `to`; there is one change of the clocks between them. */
function changeBetween(zone: string, from: Instant, to: Instant): Instant {
  const wanted = offsetAt(zone, to);
  let [low, high] = [Math.floor(from / secondMs), Math.floor(to / secondMs)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * secondMs) === wanted) high = middle;
    else low = middle;
  }
  return high * secondMs;
}
