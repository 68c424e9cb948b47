/** A snapshot's time: the instant, and the wall clock at the offset that was stored with it. */
export interface StoredTime {
  /** Nanoseconds since 1970, UTC. */
  instant: bigint;
  /** The wall clock at the stored offset, held in a Date whose UTC fields are that clock. */
  wall: Date;
  offsetMs: number;
  /** The part of the time below one millisecond, in nanoseconds. */
  nanos: bigint;
}

const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads ISO 8601 with an offset, to the nanosecond. Throws RangeError for anything else. */
export function parseStoredTime(iso: string): StoredTime {
  const [, clock, fraction = "", offset = ""] = pattern.exec(iso) ?? [];
  const wholeMs = Date.parse(`${clock}Z`);
  if (Number.isNaN(wholeMs)) throw new RangeError(`expected a time in ISO 8601 with its offset, found ${iso}`);
  const below = BigInt(fraction.padEnd(9, "0"));
  const wallMs = wholeMs + Number(below / 1_000_000n);
  const offsetMs = offsetOf(offset);
  const nanos = below % 1_000_000n;
  return { instant: BigInt(wallMs - offsetMs) * 1_000_000n + nanos, wall: new Date(wallMs), offsetMs, nanos };
}

function offsetOf(text: string): number {
  if (text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return (text.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** Year and week by ISO 8601: the week belongs to the year that holds its Thursday. */
export function isoWeek(wall: Date): string {
  const weekday = (wall.getUTCDay() + 6) % 7;
  const thursday = new Date(wall);
  thursday.setUTCDate(wall.getUTCDate() - weekday + 3);
  const dayOfYear =
    (Date.UTC(thursday.getUTCFullYear(), thursday.getUTCMonth(), thursday.getUTCDate()) -
      Date.UTC(thursday.getUTCFullYear(), 0, 1)) /
    86_400_000;
  return `${thursday.getUTCFullYear()}-W${Math.floor(dayOfYear / 7) + 1}`;
}
