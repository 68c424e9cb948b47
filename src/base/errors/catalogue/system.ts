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
    passes: true,
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
  HF_STATE_UNUSABLE: {
    message: "The state {path} cannot be used: {detail}",
    hint: "Move it aside and run `holdfast recover` to rebuild it from the repositories.",
    status: 503,
    exit: exits.failed,
  },
  HF_STATE_NEWER: {
    message: "The state {path} was written by a newer Holdfast (migration {found}; this one knows {known}).",
    hint: "Update Holdfast, or give this one a state of its own: another HOLDFAST_HOME, or another DATABASE_URL.",
    status: 503,
    exit: exits.failed,
  },
  HF_STATE_ADDRESS: {
    message: "DATABASE_URL is not the address of a PostgreSQL database: {detail}",
    hint: "Write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, special characters in it as %XX. An empty DATABASE_URL means the SQLite file in Holdfast's home.",
    status: 400,
    exit: exits.usage,
  },
  HF_STATE_UNREACHABLE: {
    message: "The state's database {path} cannot be reached: {detail}",
    hint: "Check that it runs, and the address, user and password in DATABASE_URL.",
    status: 503,
    exit: exits.failed,
    passes: true,
  },
  HF_STATE_INTERRUPTED: {
    message: "The state's database {path} undid a change again and again: {detail}",
    hint: "Nothing of the change was kept. Look into that database's log, then run the same again.",
    status: 503,
    exit: exits.failed,
    passes: true,
  },
  HF_STATE_OCCUPIED: {
    message: "The database {path} holds tables that are not Holdfast's ({found}).",
    hint: "Give Holdfast a database of its own (`CREATE DATABASE holdfast`) and name that one in DATABASE_URL. An empty DATABASE_URL means the SQLite file in Holdfast's home.",
    status: 503,
    exit: exits.usage,
  },
} as const satisfies Record<string, CatalogueEntry>;
