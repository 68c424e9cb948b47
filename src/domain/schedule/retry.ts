import { catalogue } from "../../base/errors/catalogue.ts";
import type { CatalogueEntry } from "../../base/errors/entry.ts";
import type { Problem } from "../../base/errors/error.ts";
import { shareOf } from "./jitter.ts";

const minuteMs = 60_000;
/** Before the second attempt, the third, …: the fifth is the last. */
const delaysMs = [minuteMs, 5 * minuteMs, 15 * minuteMs, 60 * minuteMs];
/** So much later at most, so that those who failed together do not all come back together. */
const spread = 0.2;

/**
 * How long after a failed run it is tried again; undefined when that would be no use: nothing that it failed of passes by
 * itself, somebody cancelled it, or it was the fifth attempt. The same app always waits equally long.
 */
export function retryDelayMs(problems: readonly Problem[], attempt: number, app: string): number | undefined {
  const delay = delaysMs[attempt - 1];
  if (delay === undefined || problems.some(({ code }) => code === "HF_CANCELLED")) return undefined;
  if (!problems.some(passes)) return undefined;
  return Math.round(delay * (1 + spread * shareOf(`${app} ${attempt}`)));
}

/** Whether a problem may be gone when the same is tried again later. */
export function passes({ code }: Problem): boolean {
  const entry: CatalogueEntry = catalogue[code];
  return entry.passes === true;
}
