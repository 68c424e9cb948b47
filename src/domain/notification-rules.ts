import type { Problem } from "../base/errors/error.ts";
import { alarmOverText, alarmText, runText, startText, type EndedRun } from "./notification-text.ts";
import type { Notification, NotificationKind, NotifierDeclaration } from "./notification.ts";
import type { RunKind } from "./run-state.ts";

/** What is the same for every notification of one happening. */
export type Happening = Pick<Notification, "id" | "at" | "device" | "app" | "destination" | "runId">;

/**
 * One happening as the notifications that it may be told as, the most telling first: each notifier is sent the first that
 * it wants.
 */
export type Told = readonly Notification[];

/** Only backups are worth a word when they begin: a service that watches them measures and misses from then on. */
export function ofStart(happening: Happening, kind: RunKind): Told {
  if (kind !== "backup") return [];
  const text = startText({ kind, subject: subjectOf(happening), device: happening.device });
  return [{ ...happening, kind: "started", run: kind, ...text }];
}

/** A run that has ended. One that succeeds after one that failed is `recovered`, and `success` to who wants only that. */
export function ofEnd(
  happening: Happening,
  run: Omit<EndedRun, "subject" | "device" | "again">,
  afterFailure: boolean,
): Told {
  const as = (kind: NotificationKind): Notification => {
    const text = runText({
      ...run,
      subject: subjectOf(happening),
      device: happening.device,
      again: kind === "recovered",
    });
    return { ...happening, kind, run: run.kind, outcome: run.outcome, ...text };
  };
  const upkeep = run.kind !== "backup" && run.kind !== "restore";
  const also = upkeep ? [as("maintenance")] : [];
  switch (run.outcome) {
    case "success":
      if (upkeep) return also;
      return afterFailure ? [as("recovered"), as("success")] : [as("success")];
    case "failed":
      return [as("failure"), ...also];
    // Somebody cancelled it, so it is no failure; but there is no backup either.
    default:
      return [as("warning"), ...also];
  }
}

/** An alarm: that there is no fresh backup of an app in these destinations. */
export function ofAlarm(happening: Happening, destinations: readonly string[], found: readonly Problem[]): Told {
  return [{ ...happening, kind: "stale", ...alarmText(subjectOf(happening), destinations, found) }];
}

/** The end of an alarm. */
export function ofAlarmOver(
  happening: Happening,
  destinations: readonly string[],
  found: readonly Problem[],
  lastedMs: number,
): Told {
  const text = alarmOverText(subjectOf(happening), destinations, found, lastedMs);
  return [{ ...happening, kind: "recovered", ...text }];
}

/** What this notifier is sent of a happening; undefined when it wants none of it. */
export function wantedBy(
  notifier: Pick<NotifierDeclaration, "on" | "apps" | "enabled">,
  usual: readonly NotificationKind[],
  told: Told,
): Notification | undefined {
  if (!notifier.enabled) return undefined;
  const kinds = notifier.on ?? usual;
  return told.find(
    ({ kind, app }) =>
      kinds.includes(kind) && (notifier.apps === undefined || (app !== undefined && notifier.apps.includes(app))),
  );
}

function subjectOf({ app, destination }: Happening): string {
  return app ?? destination ?? "Holdfast";
}
