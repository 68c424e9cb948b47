import { exits, type CatalogueEntry } from "../entry.ts";

/** Notifications: telling people, which never decides whether a run succeeds. */
export const notificationsErrors = {
  HF_NOTIFY_FAILED: {
    message: "The notifier {notifier} could not send: {detail}",
    hint: "Check its address and credentials; `holdfast notify test {notifier}` tries them. What there is to tell waits for a day, and no run fails of it.",
    status: 502,
    exit: exits.failed,
  },
  HF_NOTIFY_NONE: {
    message: "No notifier is declared.",
    hint: "Declare one under `notifications` in holdfast.yaml: docs/notifications.md shows how.",
    status: 404,
    exit: exits.nothing,
  },
} as const satisfies Record<string, CatalogueEntry>;
