import { setTimeout as sleep } from "node:timers/promises";
import { buildServer } from "../api/server.ts";
import { allRoutes } from "../api/routes.ts";
import { failure, type Problem } from "../base/errors/error.ts";
import { setupToken } from "../operations/access/setup.ts";
import { watchDeclarations } from "../operations/context/declaration-watch.ts";
import type { Holdfast } from "../operations/context/holdfast.ts";
import { enter, forgetDead, leave } from "../operations/daemons/presence.ts";
import { deliver } from "../operations/notify/deliver.ts";
import { settle } from "../operations/settle/settle.ts";
import { adoptWaiting } from "../operations/queue/claim.ts";
import { retryFailed } from "../operations/queue/retry.ts";
import { live, type DaemonLive } from "./live.ts";
import type { Log } from "./log.ts";
import { loop, type Loop } from "./loop.ts";
import { sharedRepositories } from "./shared-repositories.ts";
import { timedWork } from "./timed-work.ts";
import { worker, type Worker } from "./worker.ts";

/** What a daemon tells when it is ready. */
export interface Ready {
  address: string;
  /** For the first visit, while there is no user. */
  setupToken?: string;
}

export interface ServeOptions {
  log: Log;
  /** Instead of what the configuration says. */
  listen?: { host: string; port: number };
  ready(found: Ready): void;
}

const usualListen = { host: "127.0.0.1", port: 8420 };
const usualGraceMs = 20_000;
/** So long a stopping daemon tries to tell what it did last; what it could not tell waits for the next start. */
const lastWordMs = 5000;

/**
 * Serves until `stop` aborts: the API, the queue, the schedule. When it is told to stop, runs may go on for the grace
 * period and are cancelled cleanly then; what is queued stays queued. Throws HF_LISTEN_FAILED.
 */
export async function serve(holdfast: Holdfast, options: ServeOptions, stop: AbortSignal): Promise<void> {
  const { log } = options;
  const cancelled = new AbortController();
  const shared = sharedRepositories(log);
  const loops = new Map<string, Loop>();
  const wake = (): void => loops.get("queue")?.wake();
  const daemon = live(holdfast, cancelled.signal, wake);
  const { caller } = daemon;
  const queue = worker({ holdfast: daemon.holdfast, caller, shared, log, ended: wake });
  const watch = await watchDeclarations(holdfast);
  const server = await buildServer(daemon, allRoutes, { log: log.info });
  try {
    const address = await listen(server, options.listen ?? holdfast.declared.settings.daemon?.listen ?? usualListen);
    await enter(holdfast, address);
    const token = await setupToken(holdfast);
    options.ready({ address, ...(token === undefined ? {} : { setupToken: token }) });
    loops.set("queue", loop("the queue", { everyMs: 2000 }, queue.look, log));
    for (const [name, timed] of Object.entries(timedWork(daemon, watch, wake, stop, log))) {
      loops.set(name, loop(name, timed, timed.work, log));
    }
    loops.set("settling", loop("settling", { everyMs: 15_000 }, settling(daemon, stop, log), log));
    await aborted(stop);
    const going = queue.running();
    log.info(going === 0 ? "stopping" : `stopping: what runs (${going}) has ${graceMs(daemon) / 1000} s to end`);
  } finally {
    // A request that waits for a long restore ends with it.
    const closed = server.close();
    await end(daemon, { queue, loops }, cancelled);
    await closed;
    // What ended just now is told now, and not after the next start.
    await deliver(daemon.holdfast(), { signal: AbortSignal.timeout(lastWordMs) });
    await shared.end();
    await leave(holdfast);
  }
}

type Server = Awaited<ReturnType<typeof buildServer>>;

async function listen(server: Server, at: { host: string; port: number }): Promise<string> {
  try {
    return await server.listen(at);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw failure("HF_LISTEN_FAILED", { address: `${at.host}:${at.port}`, detail }, { cause: error });
  }
}

function graceMs(daemon: DaemonLive): number {
  return daemon.holdfast().declared.settings.daemon?.graceMs ?? usualGraceMs;
}

/** Lets what runs go on for the grace period, then cancels it, and waits for its end. */
async function end(
  daemon: DaemonLive,
  { queue, loops }: { queue: Worker; loops: ReadonlyMap<string, Loop> },
  cancelled: AbortController,
): Promise<void> {
  const over = new AbortController();
  const drainQueue = async (): Promise<void> => {
    // A look that is going on may still begin something.
    await loops.get("queue")?.stop();
    await queue.drain();
  };
  const stopped = [...loops.values()].map(async (one) => await one.stop());
  const drained = Promise.all([drainQueue(), daemon.drain(), ...stopped]).finally(() => over.abort());
  try {
    await sleep(graceMs(daemon), undefined, { signal: over.signal });
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
  }
  cancelled.abort();
  await drained;
}

/** Puts right what dead processes left, and queues again what they had begun. What goes wrong each time is told once. */
function settling(daemon: DaemonLive, stop: AbortSignal, log: Log): () => Promise<void> {
  let told = new Set<string>();
  return async () => {
    const problems = await settleAll(daemon, stop, log);
    const found = new Map(problems.map((one) => [JSON.stringify(one), one]));
    for (const [key, one] of found) if (!told.has(key)) log.problem("settling", one);
    told = new Set(found.keys());
  };
}

async function settleAll(daemon: DaemonLive, stop: AbortSignal, log: Log): Promise<Problem[]> {
  const holdfast = daemon.holdfast();
  await forgetDead(holdfast);
  await adoptWaiting(holdfast);
  const report = await settle(holdfast, stop, { hooksUntil: daemon.caller.signal });
  for (const id of report.runs) log.info(`run ${id} had been interrupted, and was closed`);
  for (const { failed, again } of await retryFailed(holdfast)) {
    log.info(`the backup of ${failed.app} is queued again (attempt ${again.attempt})`);
  }
  return report.problems;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
