import PQueue from "p-queue";
import { failure, problem, toProblem, type Problem } from "../../base/errors/error.ts";
import type { App } from "../../domain/app.ts";
import { mayForget } from "../../domain/destination.ts";
import { dueApps } from "../../domain/due.ts";
import { outcomeOfProblem, worse } from "../../domain/outcome.ts";
import { planBackup, type BackupPlan, type BackupRequest } from "../../domain/plan/backup.ts";
import type { Facts } from "../../domain/facts.ts";
import type { Outcome, RequestedBy } from "../../domain/run-state.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf, type Repositories } from "../context/repositories.ts";
import { policyOf, selectApps, selectDestinations } from "../context/select.ts";
import { retainIn } from "../retain/retain.ts";
import type { RetainReport } from "../retain/report.ts";
import { claim } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import { survey } from "../survey/survey.ts";
import { backupApp } from "./app.ts";
import { follow } from "./follow.ts";
import type { AppReport, BackupReport } from "./report.ts";

/** So many apps are captured and stored side by side: on two cores four kept both busy (30 apps: 9.7 s against 23.7 s). */
const appsAtOnce = 4;

export interface BackupRequestOptions {
  /** Names; none means all that are due. */
  apps: string[];
  requestedBy: RequestedBy;
  dryRun: boolean;
  /** Follow a run of the same app that is there already; otherwise it is an error. */
  wait: boolean;
  /** Thin the destinations afterwards, by each app's policy. */
  retain: boolean;
  /** Only to these destinations. */
  only?: string[];
  /** Create a repository anew although its destination was used before. */
  initialise: boolean;
}

/**
 * Backs up apps, several side by side, then thins where that was asked. One app's failure never holds up another's.
 * Throws HF_UNKNOWN_NAME, HF_NOTHING_DECLARED.
 */
export async function backup(holdfast: Holdfast, asked: BackupRequestOptions, caller: Caller): Promise<BackupReport> {
  const started = performance.now();
  const request = { ...asked, dryRun: asked.dryRun || holdfast.declared.settings.dryRun === true };
  const apps = wantedApps(holdfast, request);
  if (request.only !== undefined) selectDestinations(holdfast, request.only);
  const settled = request.dryRun ? undefined : await settle(holdfast, caller.signal);
  const repositories = repositoriesOf(holdfast);
  const reports: AppReport[] = [];
  for (const order of [...new Set(apps.map((app) => app.order))].sort((left, right) => left - right)) {
    const queue = new PQueue({ concurrency: appsAtOnce });
    const wave = apps.filter((app) => app.order === order);
    // Each wave looks anew: an earlier one may have made what this one stores.
    const facts = await survey(holdfast, wave);
    reports.push(
      ...(await Promise.all(
        wave.map((app) => queue.add(async () => await reportOf(holdfast, repositories, app, facts, request, caller))),
      )),
    );
  }
  const retained =
    request.retain && !caller.signal.aborted ? await thin(holdfast, repositories, apps, request, caller) : [];
  const { problems: declared } = holdfast.declared;
  const problems: Problem[] = [...declared, ...(settled?.problems ?? [])];
  const own = overall(reports, retained, settled?.problems ?? []);
  // Who names apps has what was asked for, whatever else is declared badly.
  const others: Outcome = request.apps.length > 0 && declared.length > 0 ? "warning" : overall([], [], declared);
  return {
    outcome: worse(own, others),
    apps: reports,
    retained,
    problems,
    durationMs: performance.now() - started,
  };
}

/** All that a plan of these apps says, for `holdfast plan` and the dry run alike. */
export async function plansOf(holdfast: Holdfast, request: BackupRequestOptions): Promise<BackupPlan[]> {
  const apps = wantedApps(holdfast, request);
  const facts = await survey(holdfast, apps);
  return apps.map((app) => planOf(holdfast, app, facts, request));
}

/** Those that were named; else those that are due today. */
function wantedApps(holdfast: Holdfast, request: BackupRequestOptions): App[] {
  const apps = selectApps(holdfast, request.apps);
  return request.apps.length > 0 ? apps : dueApps(holdfast.declared, holdfast.clock.now());
}

/** The plan of one app's backup. */
export function planOf(holdfast: Holdfast, app: App, facts: Facts, request: BackupRequest): BackupPlan {
  const policy = policyOf(holdfast, app);
  const wanted = policy.destinations.filter((name) => request.only === undefined || request.only.includes(name));
  const destinations = holdfast.declared.destinations.filter(({ name }) => wanted.includes(name));
  return planBackup(app, policy, destinations, facts, request);
}

/** One app's backup, whatever becomes of it: what is thrown is a report too, for the others go on. */
async function reportOf(
  holdfast: Holdfast,
  repositories: Repositories,
  app: App,
  facts: Facts,
  request: BackupRequestOptions,
  caller: Caller,
): Promise<AppReport> {
  try {
    caller.signal.throwIfAborted();
    return await one(holdfast, repositories, app, facts, request, caller);
  } catch (error) {
    const found = caller.signal.aborted ? problem("HF_CANCELLED", {}) : toProblem(error);
    return notBegun(app, request, found);
  }
}

async function one(
  holdfast: Holdfast,
  repositories: Repositories,
  app: App,
  facts: Facts,
  request: BackupRequestOptions,
  caller: Caller,
): Promise<AppReport> {
  const plan = planOf(holdfast, app, facts, request);
  for (;;) {
    const claimed = await claim(
      holdfast,
      {
        kind: "backup",
        subject: app.name,
        // A rehearsal stands in nobody's way.
        ...(request.dryRun ? {} : { app: app.name }),
        destinations: plan.stores.map((store) => store.destination),
        requestedBy: request.requestedBy,
        dryRun: request.dryRun,
      },
      caller.signal,
    );
    if ("run" in claimed) {
      const skipUnchanged = policyOf(holdfast, app).skipUnchanged;
      return await backupApp(
        holdfast,
        repositories,
        { app, plan, skipUnchanged, initialise: request.initialise },
        claimed.run,
        caller,
      );
    }
    if (!request.wait) {
      throw failure("HF_RUN_BUSY", { app: app.name, run: claimed.busy.id, since: claimed.busy.queuedAt });
    }
    const followed = await follow(holdfast, plan, claimed.busy, caller);
    if (followed !== undefined) return followed;
  }
}

function notBegun(app: App, request: BackupRequestOptions, found: Problem): AppReport {
  return {
    app: app.name,
    runId: "",
    outcome: outcomeOfProblem(found),
    dryRun: request.dryRun,
    unchanged: false,
    followed: false,
    durationMs: 0,
    files: { count: 0, bytes: 0 },
    dumps: [],
    stores: [],
    problems: [found],
  };
}

/** Thins every destination that these apps use; one that cannot be thinned is its own problem. */
async function thin(
  holdfast: Holdfast,
  repositories: Repositories,
  apps: App[],
  request: BackupRequestOptions,
  caller: Caller,
): Promise<RetainReport[]> {
  const used = new Set(apps.flatMap((app) => policyOf(holdfast, app).destinations));
  // What may not be thinned with these credentials is not asked every night.
  const thinned = holdfast.declared.destinations.filter((one) => used.has(one.name) && one.enabled && mayForget(one));
  const wanted = thinned
    .map(({ name }) => name)
    .filter((name) => request.only === undefined || request.only.includes(name));
  const names = request.apps.length === 0 ? [] : request.apps;
  return await Promise.all(
    wanted.map((destination) =>
      retainIn(
        holdfast,
        repositories,
        { destination, apps: names, dryRun: request.dryRun, requestedBy: request.requestedBy },
        caller,
      ),
    ),
  );
}

function overall(reports: AppReport[], retained: RetainReport[], problems: Problem[]): Outcome {
  const outcomes = [...reports, ...retained].map((report) => report.outcome);
  return [...outcomes, ...problems.map(outcomeOfProblem)].reduce(worse, "success");
}
