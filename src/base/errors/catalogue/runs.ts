import { exits, type CatalogueEntry } from "../entry.ts";

/** Runs: what keeps one from starting, and what makes one fail. */
export const runErrors = {
  HF_RUN_BUSY: {
    message: "{app} has a run already ({run}, since {since}).",
    hint: "Wait until it has ended: `holdfast status` shows it. A backup without --no-wait follows it by itself.",
    status: 409,
    exit: exits.busy,
  },
  HF_RUN_UNKNOWN: {
    message: "There is no run {run}.",
    hint: "GET /api/v1/backup/runs lists them. Finished ones are kept for as long as daemon.history says.",
    status: 404,
    exit: exits.nothing,
  },
  HF_RUN_ENDED: {
    message: "The run {run} has ended already: {state}.",
    hint: "There is nothing left to cancel.",
    status: 409,
    exit: exits.nothing,
  },
  HF_RUN_INTERRUPTED: {
    message: "The run was ended from outside (process {pid} is gone).",
    hint: "What it had begun was put right. Run the backup again.",
    status: 500,
    exit: exits.failed,
    passes: true,
  },
  HF_PATH_MISSING: {
    message: "{path} of {app} does not exist.",
    hint: "Is a disk not mounted? Otherwise correct `paths` in the declaration. The rest is stored as `partial`.",
    status: 422,
    exit: exits.failed,
  },
  HF_NOTHING_TO_CAPTURE: {
    message: "{app} has nothing to back up: every path is missing and no dump is complete.",
    hint: "Nothing was stored, and earlier snapshots are untouched. See the problems above.",
    status: 422,
    exit: exits.failed,
  },
  HF_SOURCE_COLLAPSED: {
    message: "{app} has shrunk from {before} to {now}.",
    hint: "The snapshot is stored as `suspect` and nothing older is forgotten. If this is right, accept it: `holdfast list --accept SNAPSHOT`.",
    status: 200,
    exit: exits.warning,
  },
  HF_HOOK_FAILED: {
    message: "The hook `{hook}` of {app} failed ({how}): {detail}",
    hint: "Try the command by hand as the same user.",
    status: 502,
    exit: exits.failed,
  },
  HF_DESTINATION_NONE: {
    message: "{app} has no destination.",
    hint: "Name at least one under `destinations` of its policy.",
    status: 422,
    exit: exits.usage,
  },
  HF_DESTINATION_NOT_OF_POLICY: {
    message: "{app} is not backed up to {destination}.",
    hint: "Its policy {policy} does not name that destination, or it is disabled.",
    status: 422,
    exit: exits.usage,
  },
  HF_DESTINATION_INSIDE_SOURCE: {
    message: "The destination {destination} lies inside {path}, which {app} backs up.",
    hint: "Exclude it, or put the repository elsewhere: a backup must not contain itself.",
    status: 422,
    exit: exits.usage,
  },
  HF_CLOCK_BACK: {
    message: "This machine's clock is behind the newest snapshot of {app} by {by}.",
    hint: "Correct the clock. The snapshot is stored; nothing is forgotten for this app until the clock has passed that time.",
    status: 200,
    exit: exits.warning,
  },
} as const satisfies Record<string, CatalogueEntry>;
