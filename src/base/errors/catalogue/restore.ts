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
  HF_RESTORE_TARGET_REFUSED: {
    message: "Nothing is restored to {path}: {detail}",
    hint: "Name an absent or empty folder below one of: {roots}. The setting daemon.restore_roots changes that list.",
    status: 422,
    exit: exits.usage,
  },
  HF_RESTORE_TARGET_BUSY: {
    message: "Another restore is writing to {path}.",
    hint: "Wait until it has ended, or name another folder.",
    status: 409,
    exit: exits.busy,
  },
  HF_RESTORE_OTHER_DEVICE: {
    message: "{device} is not the machine that this daemon runs on.",
    hint: "Ask the daemon there, or restore here and copy.",
    status: 422,
    exit: exits.usage,
  },
  HF_RESTORE_PATH_REFUSED: {
    message: "{path} cannot be meant: {detail}",
    hint: "Name files by their path in the snapshot, or by the end of that path.",
    status: 422,
    exit: exits.usage,
  },
  HF_RESTORE_FILE_UNKNOWN: {
    message: "The snapshot holds nothing that is called {path}.",
    hint: "GET /api/v1/backup/snapshots/:id/files shows what it holds.",
    status: 422,
    exit: exits.usage,
  },
  HF_RESTORE_FILE_AMBIGUOUS: {
    message: "{path} may be any of several: {candidates}.",
    hint: "Write more of the path, or all of it from the first `/` on.",
    status: 422,
    exit: exits.usage,
  },
  HF_SNAPSHOT_FORGOTTEN: {
    message: "The snapshot {snapshot} was forgotten on {at}.",
    hint: "Retention let it go, or its repository was created anew. Choose another one of the same app.",
    status: 410,
    exit: exits.nothing,
  },
  HF_SNAPSHOT_NOT_STORED: {
    message: "The snapshot {snapshot} holds nothing: its status is {status}.",
    hint: "Wait until it is `success`, or choose another one of the same app.",
    status: 409,
    exit: exits.nothing,
  },
  HF_SNAPSHOT_NOT_FOLDER: {
    message: "{path} is a {type}, and no folder.",
    hint: "Ask for the folder that it lies in; …/download?path= gives a file's content.",
    status: 422,
    exit: exits.usage,
  },
  HF_DOWNLOAD_NOT_POSSIBLE: {
    message: "{path} is a {type}: it has no content of its own.",
    hint: "Download the folder that it lies in: the archive holds it.",
    status: 422,
    exit: exits.usage,
  },
  HF_DOWNLOAD_STALLED: {
    message: "The download of {path} was ended: for {limit} hardly any of it was taken.",
    hint: "Start it again. A download keeps the repository from being pruned, so it may not stand still: 64 kB/s at least.",
    status: 408,
    exit: exits.failed,
  },
  HF_RESTORE_INCOMPLETE_SNAPSHOT: {
    message: "The snapshot {snapshot} is {verdict}: it may lack part of the app.",
    hint: "`holdfast list` shows the newest good one.",
    status: 200,
    exit: exits.warning,
  },
} as const satisfies Record<string, CatalogueEntry>;
