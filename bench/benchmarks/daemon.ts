import { setTimeout as sleep } from "node:timers/promises";
import { claimNext } from "../../src/operations/queue/claim.ts";
import { enqueueDue } from "../../src/operations/schedule/due.ts";
import { finishRun, type RunRecord } from "../../src/state/queries/runs.ts";
import type { Benchmark } from "../benchmark.ts";
import { benchedDaemon, type BenchedDaemon } from "../support/daemon.ts";
import { rememberHistory } from "../support/history.ts";

const hourMs = 3_600_000;

/** What a daemon costs that has nothing to do, and what its schedule costs when everything is due. */
export const daemon: Benchmark = {
  name: "daemon",
  summary: "the daemon of 1,000 apps and 100,000 snapshots: start, idle, and its schedule",
  async run({ folder, rounds, quick, restic, say }) {
    const [count, nights, idleSeconds] = quick ? [5, 5, 1] : [1000, 50, 60];
    const apps = Array.from({ length: count }, (_, index) => `app${index + 1}`);
    const benched = await benchedDaemon(folder, restic, apps, ["nas", "usb"]);
    say(`writing ${count * nights * 2} snapshots into the state`);
    {
      await using holdfast = await benched.open();
      await rememberHistory(holdfast.state, { apps, destinations: ["nas", "usb"], nights });
    }
    const ready: number[] = [];
    const memory: number[] = [];
    const processor: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      const running = await benched.start();
      try {
        ready.push(running.readyMs / 1000);
        // What a start has to do besides is done soon after.
        await sleep(quick ? 200 : 10_000);
        const [before, began] = [running.processorMs(), performance.now()];
        await sleep(idleSeconds * 1000);
        processor.push(((running.processorMs() - before) / (performance.now() - began)) * 100);
        memory.push(running.memory());
      } finally {
        await running.stop();
      }
    }
    say("every app is due at once");
    const perApp: number[] = [];
    for (let round = 0; round < rounds; round += 1) perApp.push(await scheduled(benched, count, round + 1));
    return [
      { name: "start to ready", unit: "s", limit: 1.5, samples: ready },
      { name: "idle memory", unit: "MB", limit: 150, samples: memory },
      { name: "idle processor", unit: "%", limit: 0.5, samples: processor },
      { name: "schedule and queue, per due app", unit: "s", limit: 0.002, samples: perApp },
    ];
  },
};

/**
 * Queues every app for one due time and takes all of them out of the queue again, four side by side as the limits have
 * it, each of which ends at once. Gives the seconds per app that the schedule and the queue themselves took.
 */
async function scheduled(benched: BenchedDaemon, apps: number, day: number): Promise<number> {
  let now = Date.now();
  await using holdfast = await benched.open({ now: () => new Date(now) });
  const caller = { signal: new AbortController().signal, listen: () => undefined };
  // Seen for the first time, an app is due at its next due time.
  await enqueueDue(holdfast, holdfast.clock.now());
  // With the jitter, by then every app is due.
  now += day * 48 * hourMs;
  let spentMs = 0;
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await work();
    spentMs += performance.now() - began;
    return value;
  };
  const queued = await timed(async () => await enqueueDue(holdfast, holdfast.clock.now()));
  // Holdfast's own state and configuration are backed up like apps.
  if (queued < apps) throw new Error(`${queued} of ${apps} apps were queued`);
  const running: RunRecord[] = [];
  for (let done = 0; done < queued; done += 1) {
    // As in a night: whenever one run has ended, the queue is asked for the next.
    running.push(...(await timed(async () => await claimNext(holdfast, caller))));
    const ended = running.shift();
    if (ended === undefined) throw new Error(`after ${done} runs the queue gives none`);
    await finishRun(holdfast.state, ended.id, "success", [], holdfast.clock.now().toISOString());
  }
  return spentMs / 1000 / queued;
}
