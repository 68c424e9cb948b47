import { exits, type CatalogueEntry } from "../entry.ts";

/** What people declare through the API. */
export const declareErrors = {
  HF_DECLARED_TWICE: {
    message: "The {kind} {name} was made through the API, but is also declared in {origin}, which is used.",
    hint: "Rename or remove one of them: deleting it through the API leaves that of {origin}.",
    status: 409,
    exit: exits.warning,
  },
  HF_DECLARED_ELSEWHERE: {
    message: "{what} is declared in {origin} and can only be changed there.",
    hint: "Change {origin}; the daemon reads it anew.",
    status: 409,
    exit: exits.usage,
  },
  HF_BUILT_IN: {
    message: "The {kind} {name} is part of Holdfast and cannot be deleted.",
    hint: "Change it instead; what is not wanted can be disabled.",
    status: 409,
    exit: exits.usage,
  },
  HF_IN_USE: {
    message: "The {kind} {name} is used by {users}.",
    hint: "Change those first, or disable the {kind} instead.",
    status: 409,
    exit: exits.usage,
  },
  HF_UNKNOWN_ID: {
    message: "There is no {kind} with the id {id}.",
    hint: "List them to see their ids.",
    status: 404,
    exit: exits.nothing,
  },
  HF_DEVICE_UNSUPPORTED: {
    message: "The device {device} is not this machine.",
    hint: "Holdfast backs up and stores on the machine it runs on: leave `device_id` out, or give {own}.",
    status: 422,
    exit: exits.usage,
  },
  HF_PATH_REFUSED: {
    message: "The path {path} is refused: {reason}.",
    hint: "Choose a folder of its own, such as /mnt/nas/backups.",
    status: 422,
    exit: exits.usage,
  },
  HF_SOURCE_REFUSED: {
    message: "{path} cannot be part of an app: {reason}.",
    hint: "Holdfast backs itself up as holdfast-database and holdfast-config, never with its keys: those are in the recovery kit. A SQLite file in a folder of the system is declared in holdfast.yaml.",
    status: 422,
    exit: exits.usage,
  },
} as const satisfies Record<string, CatalogueEntry>;
