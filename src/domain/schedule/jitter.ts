const minuteMs = 60_000;

/** How much later than its policy's schedule an app is due: whole minutes below `jitterMs`, the same for ever. */
export function jitterOf(app: string, jitterMs: number): number {
  return Math.floor((shareOf(app) * jitterMs) / minuteMs) * minuteMs;
}

/** A number in [0, 1) that belongs to the text, as good as random: FNV-1a, finished like MurmurHash3. */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
