import { exits, type CatalogueEntry } from "../entry.ts";

/** The daemon itself: its address, its schedule, its alarms. */
export const daemonErrors = {
  HF_LISTEN_FAILED: {
    message: "Holdfast cannot listen on {address}: {detail}",
    hint: "Is another daemon running? Choose another address with `--listen` or under `daemon.listen`.",
    status: 503,
    exit: exits.failed,
  },
  HF_BACKUP_LATE: {
    message: "{app} has no good snapshot in {destination} of the last {expected}: {newest}.",
    hint: "On {device}, `holdfast status` shows its last run and why it failed; `holdfast backup {app}` makes a snapshot now.",
    status: 200,
    exit: exits.warning,
  },
} as const satisfies Record<string, CatalogueEntry>;
