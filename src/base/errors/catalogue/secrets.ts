import { exits, type CatalogueEntry } from "../entry.ts";

/** Secrets at rest, their rotation, and the backup of Holdfast itself. */
export const secretsErrors = {
  HF_MASTER_KEY: {
    message: "The master key {path} cannot be used: {detail}",
    hint: "Put the key back from where you keep it, or from the recovery kit with `holdfast recover --from-kit FILE`. Holdfast never makes a new key while secrets are sealed with an old one. See docs/secrets.md.",
    status: 503,
    exit: exits.failed,
  },
  HF_MASTER_KEY_WRONG: {
    message:
      "The master key {path} (id {found}) is not the one that sealed the secrets of this state (id {wanted}). Nothing was changed.",
    hint: "Put back the key that belongs to this state, or take it from the recovery kit with `holdfast recover --from-kit FILE`. Daemons that share a state share one key file: HOLDFAST_MASTER_KEY_FILE.",
    status: 503,
    exit: exits.failed,
  },
  HF_MASTER_PASSWORD: {
    message: "The master key {path} is sealed under a master password, and {detail}.",
    hint: "Give the right one in HOLDFAST_MASTER_PASSWORD_FILE or HOLDFAST_MASTER_PASSWORD. Without it, the recovery kit holds the keys.",
    status: 503,
    exit: exits.failed,
  },
  HF_SEAL_BROKEN: {
    message: "A secret kept by Holdfast ({name}) cannot be opened with the master key.",
    hint: "The key or the state was exchanged. Put back the two that belong together, or `holdfast recover --from-kit FILE`.",
    status: 503,
    exit: exits.failed,
  },
  HF_KEY_ROTATED: {
    message: "The master key was changed while this was at work, so the secret was not kept.",
    hint: "Run the same command again. If it says so again, another daemon on this state has a key of its own: give both the same HOLDFAST_MASTER_KEY_FILE.",
    status: 409,
    exit: exits.busy,
    passes: true,
  },
  HF_KEY_READ_ONLY: {
    message: "The master key {path} is a systemd credential, which only systemd can change.",
    hint: "Store a new key as `holdfast-master-key` and the present one as `holdfast-master-key.old`, restart the service, and remove the old one when `holdfast keys rotate` says so. See docs/secrets.md.",
    status: 409,
    exit: exits.usage,
  },
  HF_PASSWORD_DECLARED: {
    message: "The password of {destination} is declared in {origin}, so Holdfast does not change it.",
    hint: "Add the new one with `restic key add`, declare it, and remove the old one with `restic key remove`. Or remove `password` there: after `holdfast recover --kit FILE`, `holdfast recover {destination} --from-kit FILE` takes the present one into Holdfast's keeping, and it can be rotated.",
    status: 409,
    exit: exits.usage,
  },
  HF_PASSWORD_NONE: {
    message: "The destination {destination} has no repository password.",
    hint: "Only restic repositories have one.",
    status: 409,
    exit: exits.usage,
  },
  HF_PASSWORD_UNPROVEN: {
    message:
      "The new password of {destination} does not open the repository that is known there; the old one still holds.",
    hint: "Nothing was removed. Run the same command again; if it stays, look at the destination with `holdfast doctor`.",
    status: 502,
    exit: exits.failed,
  },
  HF_PASSWORD_OLD_KEPT: {
    message: "The new password of {destination} holds, but the old one could not be taken away: {detail}",
    hint: "Until `restic key remove {key}` has run with credentials that may delete, whoever has the old password can still read the backups there.",
    status: 200,
    exit: exits.warning,
  },
  HF_SYSTEM_NAME: {
    message: "{origin} declares an app named {name}, which is the name of Holdfast's own backup.",
    hint: "Give it another name. Of {name} only the policy, `enabled`, `exclude` and `tags` can be declared.",
    status: 422,
    exit: exits.usage,
  },
  HF_SYSTEM_IN_PLACE: {
    message: "{app} is not put back in place while Holdfast is at work on it.",
    hint: "`holdfast recover --from-kit FILE` brings it back on an empty home; `holdfast restore {app} --target FOLDER` restores it to a folder.",
    status: 409,
    exit: exits.usage,
  },
  HF_RECOVER_SYSTEM: {
    message: "{app} was not brought back from {destination}: {detail}",
    hint: "The snapshots are taken in all the same. `holdfast restore {app} --target FOLDER` brings it to a folder.",
    status: 200,
    exit: exits.warning,
  },
  HF_RECOVER_SECRETS: {
    message:
      "{count} secret(s) of the recovered state cannot be opened with the kit's keys and were left out: {names}.",
    hint: "They were sealed with a key that was rotated away before or after the kit was written. Declare these secrets anew.",
    status: 200,
    exit: exits.warning,
  },
  HF_KIT_UNDECLARED: {
    message: "The kit knows {names}, which nothing here declares.",
    hint: "Put holdfast.yaml back, or declare them as the kit says. Their passwords are kept here already.",
    status: 200,
    exit: exits.warning,
  },
} as const satisfies Record<string, CatalogueEntry>;
