import type { StoredSnapshot } from "./repository.ts";
import type { Verdict } from "./snapshot.ts";

/** The app that a snapshot is of; undefined for one that does not carry Holdfast's tags, and so is none of ours. */
export function appOf(snapshot: StoredSnapshot): string | undefined {
  if (!snapshot.tags.includes("holdfast")) return undefined;
  return valueOf(snapshot, "app");
}

/** The run that left a snapshot. */
export function runOf(snapshot: StoredSnapshot): string | undefined {
  return valueOf(snapshot, "run");
}

/** What the tags alone tell of a snapshot's worth: whether it was stored whole is not among it. */
export function taggedVerdict(snapshot: StoredSnapshot): Verdict {
  if (snapshot.tags.includes("partial")) return "partial";
  return snapshot.tags.includes("suspect") ? "suspect" : "unproven";
}

function valueOf(snapshot: StoredSnapshot, tag: string): string | undefined {
  return snapshot.tags.find((one) => one.startsWith(`${tag}:`))?.slice(tag.length + 1);
}
