import { exits, type CatalogueEntry } from "../entry.ts";

/** Restores. */
export const restoreErrors = {
  HF_SNAPSHOT_UNKNOWN: {
    message: "No snapshot matches {snapshot}.",
    hint: "`holdfast list` shows what there is.",
    status: 404,
    exit: exits.nothing,
  },
  HF_SNAPSHOT_AMBIGUOUS: {
    message: "More than one snapshot begins with {snapshot}.",
    hint: "Write more of its id: {candidates}.",
    status: 409,
    exit: exits.usage,
  },
  HF_RESTORE_TARGET_NOT_EMPTY: {
    message: "The folder {path} is not empty.",
    hint: "Name another folder with --target, or say --in-place to put things back where they were.",
    status: 409,
    exit: exits.usage,
  },
  HF_RESTORE_NO_MATCH: {
    message: "The snapshot holds nothing at {path}.",
    hint: "`holdfast list APP --files` shows what it holds.",
    status: 404,
    exit: exits.nothing,
  },
  HF_RESTORE_MISMATCH: {
    message: "{count} restored file(s) differ from what was stored, among them {path}.",
    hint: "What was in place before is untouched. Check the repository with `holdfast check --data`.",
    status: 502,
    exit: exits.failed,
  },
  HF_RESTORE_FAILED: {
    message: "The restore of {what} failed: {detail}",
    hint: "What was in place before is still there, or has been put back.",
    status: 502,
    exit: exits.failed,
  },
  HF_RESTORE_UNDONE: {
    message:
      "An interrupted restore of {path} was undone, and {path} is as it was before; but its restored copy had been written to since.",
    hint: "That copy lies in {kept}. Take from it what you need, then remove it.",
    status: 200,
    exit: exits.warning,
  },
  HF_RESTORE_MIXED: {
    message: "{failed} could not be loaded, but {loaded} had been loaded from the snapshot already and stays so.",
    hint: "The files were put back as they were. Mend the cause and restore again, so that all parts are of one moment.",
    status: 502,
    exit: exits.failed,
  },
  HF_RESTORE_INCOMPLETE_SNAPSHOT: {
    message: "The snapshot {snapshot} is {verdict}: it may lack part of the app.",
    hint: "`holdfast list` shows the newest good one.",
    status: 200,
    exit: exits.warning,
  },
} as const satisfies Record<string, CatalogueEntry>;
