import { expect, it } from "vitest";
import { problem } from "../../base/errors/error.ts";
import type { RunEvent, StepRef } from "../../domain/events.ts";
import { memoryTerminal } from "../../../tests/support/memory-terminal.ts";
import { plainView } from "./plain.ts";

const dump: StepRef = { phase: "dump", subject: "immich-db" };
const mib = 1024 * 1024;

function hearAll(...events: [seconds: number, event: RunEvent][]): string[] {
  const terminal = memoryTerminal();
  let now = 0;
  const view = plainView(terminal.err, () => now);
  for (const [seconds, event] of events) {
    now = seconds * 1000;
    view.listen("immich", event);
  }
  return terminal.errText().split("\n").slice(0, -1);
}
const at = (bytesDone: number): RunEvent => ({
  type: "step-progress",
  step: dump,
  progress: { bytesDone, bytesTotal: 1000 * mib },
});

it("tells a long step at most every ten seconds, with bytes, throughput, share and time left", () => {
  const lines = hearAll(
    [0, { type: "step-started", step: dump }],
    ...Array.from({ length: 25 }, (_, second): [number, RunEvent] => [second + 1, at((second + 1) * 10 * mib)]),
  );
  expect(lines).toEqual([
    "immich: dump immich-db",
    "immich: dump immich-db: 100.0 MiB of 1000.0 MiB · 10 MiB/s · 10 % · 2 min left",
    "immich: dump immich-db: 200.0 MiB of 1000.0 MiB · 10 MiB/s · 20 % · 1 min left",
  ]);
});

it("tells bytes and throughput at the end of a dump", () => {
  const lines = hearAll(
    [0, { type: "step-started", step: dump }],
    [1, at(50 * mib)],
    [2, { type: "step-finished", step: dump, durationMs: 2000 }],
  );
  expect(lines.at(-1)).toBe("immich: dump immich-db: done, 50.0 MiB in 2.0 s, 25 MiB/s");
});

it("tells a problem once", () => {
  const found = problem("HF_DUMP_FAILED", { database: "immich-db", detail: "gone" });
  const lines = hearAll(
    [0, { type: "step-started", step: dump }],
    [1, { type: "step-finished", step: dump, durationMs: 1000, problem: found }],
    [1, { type: "problem", problem: found }],
  );
  expect(lines.filter((line) => line.includes("gone"))).toEqual(["The dump of immich-db failed: gone"]);
});

it("says what it waits for", () => {
  const lines = hearAll([
    0,
    { type: "waiting", step: { phase: "store", subject: "nas" }, reason: "a prune has the repository" },
  ]);
  expect(lines).toEqual(["immich: store in nas: waiting: a prune has the repository"]);
});
