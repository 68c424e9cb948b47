import { exits, type CatalogueEntry } from "../entry.ts";

/** This machine, its programs, files and Holdfast itself. */
export const systemErrors = {
  HF_INTERNAL: {
    message: "Holdfast met a condition that it did not expect: {detail}",
    hint: "This is a bug in Holdfast. Please report it with the text above; your snapshots are untouched.",
    status: 500,
    exit: exits.failed,
  },
  HF_CANCELLED: {
    message: "Cancelled.",
    hint: "Nothing was left half done; run the same command again when you are ready.",
    status: 409,
    exit: exits.cancelled,
  },
  HF_USAGE: { message: "{detail}", hint: "See `{help}`.", status: 400, exit: exits.usage },
  HF_PROGRAM_MISSING: {
    message: "The program {program} is not installed.",
    hint: "Install it ({package}) and run the command again.",
    status: 503,
    exit: exits.failed,
  },
  HF_PROGRAM_FAILED: {
    message: "{program} failed ({how}): {detail}",
    hint: "The text above is from {program} itself.",
    status: 502,
    exit: exits.failed,
  },
  HF_DEBIAN_UNAVAILABLE: {
    message: "Debian's {suite} packages cannot be fetched on this machine: {detail}",
    hint: "Check the network and the mirror in this machine's apt sources.",
    status: 503,
    exit: exits.failed,
  },
  HF_PACKAGE_UNAVAILABLE: {
    message: "The Debian package {package} of {suite} cannot be fetched: {detail}",
    hint: "Check the network and the mirror in this machine's apt sources, or install {package} by hand.",
    status: 503,
    exit: exits.failed,
  },
  HF_TIMED_OUT: {
    message: "{what} did not finish within {limit} and was stopped.",
    hint: "Raise the limit if it is expected to take that long.",
    status: 504,
    exit: exits.failed,
  },
  HF_HOME_UNUSABLE: {
    message: "Holdfast's home {path} cannot be used: {detail}",
    hint: "Set HOLDFAST_HOME to a folder that this user may write to.",
    status: 503,
    exit: exits.failed,
  },
  HF_NO_SPACE: {
    message: "Not enough free space in {path}: {needed} are needed for {what}, {free} are free.",
    hint: "Free some space there, or set HOLDFAST_HOME to a larger file system.",
    status: 507,
    exit: exits.failed,
  },
  HF_MASTER_KEY: {
    message: "The master key {path} cannot be used: {detail}",
    hint: "Put the key file back from a backup of it. Without one, move {path} and the state aside and run `holdfast recover --from-kit FILE`: the kit holds the passwords. Holdfast never replaces a key while secrets are sealed with it.",
    status: 503,
    exit: exits.failed,
  },
  HF_SEAL_BROKEN: {
    message: "A secret kept by Holdfast ({name}) cannot be opened with the master key.",
    hint: "The key file or the state was exchanged. Put back the two that belong together, or move both aside and run `holdfast recover --from-kit FILE`.",
    status: 503,
    exit: exits.failed,
  },
  HF_STATE_UNUSABLE: {
    message: "The state {path} cannot be used: {detail}",
    hint: "Move it aside and run `holdfast recover` to rebuild it from the repositories.",
    status: 503,
    exit: exits.failed,
  },
  HF_STATE_NEWER: {
    message: "The state {path} was written by a newer Holdfast (migration {found}; this one knows {known}).",
    hint: "Update Holdfast, or point HOLDFAST_HOME elsewhere.",
    status: 503,
    exit: exits.failed,
  },
} as const satisfies Record<string, CatalogueEntry>;
