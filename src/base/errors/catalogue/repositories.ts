import { exits, type CatalogueEntry } from "../entry.ts";

/** restic and the repositories behind it. */
export const repositoryErrors = {
  HF_RESTIC_MISSING: {
    message: "restic is not installed.",
    hint: "Run `holdfast start`, which fetches it, or install restic 0.17 or newer (0.19.1 is preferred) and put it on the PATH.",
    status: 503,
    exit: exits.failed,
  },
  HF_RESTIC_UNOBTAINABLE: {
    message: "restic is not installed and could not be fetched: {detail}",
    hint: "Install restic 0.17 or newer (0.19.1 is preferred) and put it on the PATH, then run the same command again.",
    status: 503,
    exit: exits.failed,
  },
  HF_RESTIC_TOO_OLD: {
    message: "restic {found} at {path} is too old: 0.17 or newer is needed.",
    hint: "Run `holdfast start`, which fetches a newer one into Holdfast's own folder, or update restic.",
    status: 503,
    exit: exits.failed,
  },
  HF_REPOSITORY_MISSING: {
    message: "There is no repository at {destination} ({location}).",
    hint: "Holdfast used this destination before and does not create it anew by itself: mount or reconnect it, or run `holdfast backup --init` when it is truly gone.",
    status: 404,
    exit: exits.failed,
  },
  HF_REPOSITORY_EXCHANGED: {
    message: "The repository at {destination} ({location}) is not the one that was used before.",
    hint: "Check that the right disk or bucket is connected. If the change is meant, give the destination a new name.",
    status: 409,
    exit: exits.failed,
  },
  HF_REPOSITORY_PASSWORD: {
    message: "The password for {destination} ({location}) is wrong.",
    hint: "Check `password` in its declaration; a password that Holdfast made is in the recovery kit (`holdfast recover --from-kit FILE`). Nothing was changed there.",
    status: 502,
    exit: exits.failed,
  },
  HF_REPOSITORY_LOCKED: {
    message: "The repository {destination} is locked by {holder}.",
    hint: "Wait until that has ended. If it died, `holdfast unlock {destination}` removes its lock.",
    status: 423,
    exit: exits.busy,
  },
  HF_REPOSITORY_UNREACHABLE: {
    message: "The destination {destination} ({location}) cannot be reached: {detail}",
    hint: "Check the network, the address and the credentials; the other destinations are not affected.",
    status: 502,
    exit: exits.failed,
  },
  HF_REPOSITORY_REFUSED: {
    message: "The destination {destination} ({location}) refused {command}: {detail}",
    hint: "Check its credentials and what they may do there. If they may only add, declare it `append_only: true`.",
    status: 502,
    exit: exits.failed,
  },
  HF_REPOSITORY_HOST_KEY: {
    message: "The server of {destination} ({location}) could not prove that it is the right one: {detail}",
    hint: "Nothing was sent. If the server was set up anew, put its new key (`ssh-keyscan HOST`) under `known_host`; otherwise find out who answers there.",
    status: 502,
    exit: exits.failed,
  },
  HF_REPOSITORY_EXISTS: {
    message: "There is a repository at {destination} ({location}) already.",
    hint: "It was left as it is. Use it with its own password, or choose another place.",
    status: 409,
    exit: exits.failed,
  },
  HF_REPOSITORY_FULL: {
    message: "The destination {destination} ({location}) is full: {detail}",
    hint: "Free some space there (`holdfast retain`, then `holdfast prune`), then run again.",
    status: 507,
    exit: exits.failed,
  },
  HF_REPOSITORY_DAMAGED: {
    message: "The repository {destination} has damage: {detail}",
    hint: "Do not prune it. See docs/troubleshooting.md, section Damage.",
    status: 502,
    exit: exits.failed,
  },
  HF_RESTIC_FAILED: {
    message: "restic {command} on {destination} failed (exit {exit}): {detail}",
    hint: "The text above is restic's own.",
    status: 502,
    exit: exits.failed,
  },
  HF_RESTIC_OUTPUT: {
    message: "restic {command} on {destination} ended well but its result could not be read: {detail}",
    hint: "Check the installed restic version with `holdfast doctor`.",
    status: 502,
    exit: exits.failed,
  },
  HF_SOURCE_UNREADABLE: {
    message: "{count} file(s) could not be read, among them {path}: {detail}",
    hint: "The rest is stored. Give Holdfast the right to read them, or exclude them.",
    status: 200,
    exit: exits.warning,
  },
  HF_APPEND_ONLY: {
    message: "The destination {destination} is append-only: nothing is forgotten or pruned there.",
    hint: "Thin it from the machine that holds its maintenance credentials.",
    status: 409,
    exit: exits.warning,
  },
  HF_FORGET_REFUSED: {
    message: "Refused to forget snapshots in {destination}: {app} would be left without a good one.",
    hint: "Run a backup of it first, or look at `holdfast list {app}`.",
    status: 409,
    exit: exits.failed,
  },
  HF_FORGET_INEFFECTIVE: {
    message: "{count} snapshot(s) are still in {destination} after they were to be forgotten.",
    hint: "Run `holdfast retain` again; if it stays, look at the destination's permissions.",
    status: 502,
    exit: exits.failed,
  },
} as const satisfies Record<string, CatalogueEntry>;
