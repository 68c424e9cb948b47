import { exits, type CatalogueEntry } from "../entry.ts";

/** What people declare: files, the environment, secrets. */
export const configErrors = {
  HF_CONFIG_INVALID: {
    message: "{place}: expected {expected}, found {found}.",
    hint: "{suggestion}",
    status: 422,
    exit: exits.usage,
  },
  HF_CONFIG_UNREADABLE: {
    message: "The configuration {path} cannot be read: {detail}",
    hint: "Check the path and its permissions, or name another file with --config.",
    status: 422,
    exit: exits.usage,
  },
  HF_CONFIG_REFERENCE: {
    message: "{place} names the {kind} {name}, which is not declared.",
    hint: "{suggestion}",
    status: 422,
    exit: exits.usage,
  },
  HF_CONFIG_CONFLICT: {
    message: "The {kind} {name} is declared twice, in {first} and in {second}, and neither ranks above the other.",
    hint: "Remove one of them. Until then {first} is used where they differ.",
    status: 422,
    exit: exits.usage,
  },
  HF_CONFIG_POLICY_LOST: {
    message: "{app} is left out: its policy {policy} cannot be used.",
    hint: "Declare or mend the policy. Another one is not taken in its place, because it might keep fewer snapshots.",
    status: 422,
    exit: exits.usage,
  },
  HF_CONFIG_EMPTY_APP: {
    message: "The app {app} ({origin}) declares neither paths nor databases.",
    hint: "Give it `paths`, such as [/srv/{app}], or `databases`; or remove it.",
    status: 422,
    exit: exits.usage,
  },
  HF_SECRET_UNAVAILABLE: {
    message: "The secret {name} is not available: {detail}",
    hint: "Provide it where it is declared ({where}) and run again.",
    status: 422,
    exit: exits.failed,
  },
  HF_APP_LEFT_OUT: {
    message: "{app} is declared, but its declaration has a mistake.",
    hint: "`holdfast config check` shows it. Nothing is backed up until it is right.",
    status: 422,
    exit: exits.usage,
  },
  HF_NOTHING_DECLARED: {
    message: "Nothing to back up is declared.",
    hint: "Write a holdfast.yaml (see docs/configuration.md), or run `holdfast start PATH` to back up a folder right now.",
    status: 404,
    exit: exits.nothing,
  },
  HF_UNKNOWN_NAME: {
    message: "There is no {kind} named {name}.",
    hint: "{suggestion}",
    status: 404,
    exit: exits.nothing,
  },
} as const satisfies Record<string, CatalogueEntry>;
