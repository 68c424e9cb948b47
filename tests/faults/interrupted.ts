import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { duties, expectNothingLeft } from "./aftermath.ts";
import { seededRandom } from "./random.ts";
import { wholeApp, type WholeApp } from "./whole-app.ts";

/** What became of one interrupted run, for the person who watches a long test. */
type Ending = "died" | "cancelled" | "finished first" | "had not begun";

/**
 * Interrupts backups of an app that has everything at random moments of their lives. After each: nothing is left over,
 * and what is called good is good. After every `wholeEvery` of them, and after the last: the next run is whole.
 */
export async function interruptAtRandom(
  signal: "SIGINT" | "SIGKILL",
  { rounds, wholeEvery }: { rounds: number; wholeEvery: number },
): Promise<void> {
  const app = await wholeApp();
  const random = seededRandom(`${signal} at random moments`);
  const seen: Record<string, number> = {};
  let fullMs = await wholeRun(app);
  for (let round = 0; round < rounds; round += 1) {
    app.change();
    const afterMs = Math.round(random() * fullMs);
    const { ending, durationMs } = await interrupted(app, signal, afterMs);
    // The first run, which creates the repositories, takes longer than those that follow.
    if (ending === "finished first") fullMs = durationMs;
    seen[ending] = (seen[ending] ?? 0) + 1;
    // A clean end leaves nothing to settle; a violent one is settled by the next command that acts.
    if (signal === "SIGKILL") await app.lab.json(["settle"], 0, { env: app.env });
    expectNothingLeft(app.lab, Object.values(app.repositories));
    expect(app.isStopped(), `round ${round}: the app is started again (${signal} after ${afterMs} ms)`).toBe(false);
    await app.examineNew();
    if ((round + 1) % wholeEvery === 0 || round + 1 === rounds) fullMs = await wholeRun(app);
  }
  console.log(`${signal}, ${rounds} rounds over ${Math.round(fullMs)} ms each: ${JSON.stringify(seen)}`);
}

async function wholeRun(app: WholeApp): Promise<number> {
  const began = performance.now();
  const report = await app.lab.json<BackupReport>(["backup"], 0, { env: app.env });
  const tookMs = performance.now() - began;
  expect(report.outcome).toBe("success");
  expectNothingLeft(app.lab, Object.values(app.repositories));
  expect(await app.examineNew()).toBe(2);
  return tookMs;
}

async function interrupted(
  app: WholeApp,
  signal: "SIGINT" | "SIGKILL",
  afterMs: number,
): Promise<{ ending: Ending; durationMs: number }> {
  const { lab, env } = app;
  const running = startHoldfast(["backup", "--json"], { home: lab.home, cwd: lab.folder, env });
  await Promise.race([pause(afterMs), running.ended]);
  running.kill(signal);
  const { code, signal: by, stdout, stderr, durationMs } = await running.ended;
  const told = `${signal} after ${afterMs} ms: exit ${code}, signal ${by}\n${stdout}\n${stderr}`;
  if (by === signal && signal === "SIGKILL") return { ending: "died", durationMs };
  if (by === signal) {
    // Before it listens for signals it has begun nothing.
    expect(duties(lab), told).toEqual([]);
    return { ending: "had not begun", durationMs };
  }
  if (code === 0) return { ending: "finished first", durationMs };
  expect(code, told).toBe(130);
  const report = JSON.parse(stdout) as BackupReport;
  expect(report.outcome, told).toBe("cancelled");
  expect(stderr, told).toContain("Stopping cleanly");
  return { ending: "cancelled", durationMs };
}
