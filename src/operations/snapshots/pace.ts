/** As long as this much has moved within each stretch of this length, somebody is there and takes it: 64 kB/s. */
export const stretchMs = 15 * 60_000;
export const leastBytes = 64 * (stretchMs / 1000) * 1000;

export interface Pace {
  /** So many bytes went on. */
  moved: (bytes: number) => void;
  end: () => void;
}

/**
 * Calls `tooSlow` once less than `leastBytes` have moved within `stretchMs`: whoever takes a byte now and then holds nothing
 * for longer than 15 minutes and a second for each 64 kB.
 */
export function pace(tooSlow: () => void): Pace {
  let missing = leastBytes;
  const limit = setTimeout(tooSlow, stretchMs);
  return {
    moved(bytes) {
      missing -= bytes;
      if (missing > 0) return;
      missing = leastBytes;
      limit.refresh();
    },
    end: () => clearTimeout(limit),
  };
}
