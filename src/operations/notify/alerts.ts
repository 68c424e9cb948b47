import { randomUUID } from "node:crypto";
import type { Problem } from "../../base/errors/error.ts";
import { ofAlarm, ofAlarmOver, type Happening } from "../../domain/notification-rules.ts";
import { tell, type Telling } from "./tell.ts";

/** What a notification needs to know of an alert. */
export interface ToldAlert {
  app?: string;
  destination?: string;
  /** ISO 8601, UTC. */
  raisedAt: string;
  problem: Problem;
}

/** The alerts that were raised, and those that are over, since the last look. */
export interface AlertChanges {
  raised: readonly ToldAlert[];
  cleared: readonly ToldAlert[];
}

/**
 * Tells of alerts that were raised or are over, each once, for the watch gives each once: within its transaction. Those of one app are one
 * notification: what keeps its backups from one destination often keeps them from all.
 */
export async function alertsChanged(holdfast: Telling, { raised, cleared }: AlertChanges): Promise<void> {
  for (const alerts of byApp(raised)) {
    await tell(holdfast, ofAlarm(happeningOf(holdfast, alerts), destinationsOf(alerts), problemsOf(alerts)));
  }
  for (const alerts of byApp(cleared)) {
    const since = Math.min(...alerts.map(({ raisedAt }) => Date.parse(raisedAt)));
    const lastedMs = holdfast.clock.now().getTime() - since;
    const happening = happeningOf(holdfast, alerts);
    await tell(holdfast, ofAlarmOver(happening, destinationsOf(alerts), problemsOf(alerts), lastedMs));
  }
}

type Alerts = readonly [ToldAlert, ...ToldAlert[]];

function byApp(alerts: readonly ToldAlert[]): Alerts[] {
  const groups = new Map<string, [ToldAlert, ...ToldAlert[]]>();
  for (const alert of alerts) {
    const key = JSON.stringify(alert.app === undefined ? { of: alert.destination } : { app: alert.app });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [alert]);
    else group.push(alert);
  }
  return [...groups.values()];
}

function destinationsOf(alerts: Alerts): string[] {
  return alerts.flatMap(({ app, destination }) =>
    app === undefined || destination === undefined ? [] : [destination],
  );
}

function problemsOf(alerts: Alerts): Problem[] {
  return alerts.map(({ problem }) => problem);
}

function happeningOf({ clock, deviceName }: Telling, alerts: Alerts): Happening {
  const [{ app, destination }] = alerts;
  return {
    id: randomUUID(),
    at: clock.now().toISOString(),
    device: deviceName,
    ...(app === undefined ? {} : { app }),
    ...(destination === undefined || alerts.length > 1 ? {} : { destination }),
  };
}
