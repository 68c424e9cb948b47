import { nextRunOf } from "../schedule/next-run.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** What a daemon looks after, for its greeting. */
export interface Standing {
  apps: number;
  destinations: number;
  /** Declared things that cannot be used; `holdfast config check` shows them. */
  mistakes: number;
  next?: { app: string; at: string };
}

export function standingOf(holdfast: Holdfast, now: Date): Standing {
  const { apps, destinations, problems } = holdfast.declared;
  const due = apps
    .filter(({ system }) => system === undefined)
    .flatMap((app) => {
      const at = nextRunOf(holdfast, app, now);
      return at === undefined ? [] : [{ app: String(app.name), at: at.toISOString() }];
    })
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  const [next] = due;
  return {
    apps: apps.filter(({ system }) => system === undefined).length,
    destinations: destinations.length,
    mistakes: problems.length,
    ...(next === undefined ? {} : { next }),
  };
}
