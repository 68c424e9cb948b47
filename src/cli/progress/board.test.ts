import { describe, expect, it } from "vitest";
import { block, finishedLine } from "../render/progress.ts";
import { widthOf } from "../render/text.ts";
import type { RunEvent, StepRef } from "../../domain/events.ts";
import type { Look } from "../render/look.ts";
import { fractionOf, hear, leadingStep, secondsLeft, type Board } from "./board.ts";

const look: Look = { color: false, unicode: true, columns: 80 };
const dump: StepRef = { phase: "dump", subject: "immich-db" };
const nas: StepRef = { phase: "store", subject: "nas" };
const b2: StepRef = { phase: "store", subject: "b2" };
const mib = 1024 * 1024;

const boardOf = (...events: [at: number, app: string, event: RunEvent][]): Board => {
  const board: Board = new Map();
  for (const [at, app, event] of events) hear(board, app, event, at);
  return board;
};
const started = (step: StepRef): RunEvent => ({ type: "step-started", step });
const at = (step: StepRef, bytesDone: number, more: object = {}): RunEvent => ({
  type: "step-progress",
  step,
  progress: { bytesDone, ...more },
});
const lines = (board: Board, expected: string[] = [], rows = 24, shown = look): string[] =>
  block(shown, board, { title: "Backing up", expected, startedMs: 0, nowMs: 12_000, frame: 0, rows, scrolled: 0 });

describe("the board", () => {
  it("measures throughput from the bytes of two reports", () => {
    const board = boardOf(
      [0, "immich", started(dump)],
      [1000, "immich", at(dump, 80 * mib)],
      [2000, "immich", at(dump, 160 * mib)],
    );
    const step = board.get("immich")?.active[0];
    expect(step?.bytesPerSecond).toBeCloseTo(80 * mib);
  });

  it("reckons the time left from the rate when restic does not say", () => {
    const board = boardOf([0, "a", started(dump)], [1000, "a", at(dump, 10 * mib, { bytesTotal: 40 * mib })]);
    const step = board.get("a")?.active[0];
    expect(step === undefined ? undefined : secondsLeft(step)).toBeCloseTo(3);
    expect(step === undefined ? undefined : fractionOf(step.progress)).toBe(0.25);
  });

  it("leads with the step that has most to do", () => {
    const board = boardOf([0, "a", at(nas, 90, { bytesTotal: 100 })], [0, "a", at(b2, 10, { bytesTotal: 100 })]);
    const app = board.get("a");
    expect(app === undefined ? undefined : leadingStep(app)?.step.subject).toBe("b2");
  });

  it("does not count a dump that failed", () => {
    const problem = { code: "HF_CANCELLED", params: {} } as const;
    const board = boardOf(
      [0, "a", started(dump)],
      [1, "a", { type: "step-finished", step: dump, durationMs: 1, problem }],
    );
    expect(board.get("a")?.dumps).toBe(0);
  });
});

describe("the live block", () => {
  it("shows step, bytes and throughput of a dump, and files, bytes, bar and time left of a store", () => {
    const board = boardOf(
      [0, "immich", started(dump)],
      [1000, "immich", at(dump, 86 * mib)],
      [0, "gitea", at(nas, 512 * mib, { bytesTotal: 1024 * mib, filesDone: 1234, secondsLeft: 65 })],
    );
    const [, first, second] = lines(board);
    expect(first).toMatch(/immich +dump immich-db +86\.0 MiB · 86 MiB\/s/);
    expect(second).toMatch(/gitea +store in nas +1,234 files · 512\.0 MiB +████░░░░ +50% +1 min$/);
  });

  it("fits 80 columns with long names, long steps and large figures", () => {
    const long = "a-very-long-app-name-that-somebody-really-chose@some-device";
    const step: StepRef = { phase: "dump", subject: "a-database-with-a-name-as-long-as-this" };
    const board = boardOf(
      [0, long, at(step, 999 * 1024 * mib)],
      [
        1000,
        long,
        at(step, 9999 * 1024 * mib, { bytesTotal: 10_000 * 1024 * mib, filesDone: 123_456_789, secondsLeft: 1e6 }),
      ],
    );
    for (const columns of [40, 60, 80, 100, 120]) {
      for (const line of lines(board, [], 24, { ...look, columns })) expect(widthOf(line)).toBeLessThan(columns);
    }
  });

  it("counts those that wait and those that are done", () => {
    const names = Array.from({ length: 30 }, (_, index) => `app${index}`);
    const finished: RunEvent = { type: "finished", outcome: "success", durationMs: 1000 };
    const upkeep: StepRef = { phase: "retain", subject: "nas" };
    const board = boardOf(
      [0, "app0", finished],
      [0, "app1", started(dump)],
      [0, "app2", started(dump)],
      [0, "nas", started(upkeep)],
      [1, "nas", finished],
    );
    const text = lines(board, names).join("\n");
    expect(text).toContain("1 of 30 done");
    expect(text).toMatch(/✔ nas +retention/);
    expect(text).toContain("… 27 waiting");
  });

  it("is never higher than the window", () => {
    const events = Array.from({ length: 30 }, (_, index): [number, string, RunEvent] => [
      0,
      `app${index}`,
      started(dump),
    ]);
    for (const rows of [6, 10, 24]) {
      const shown = lines(boardOf(...events), [], rows);
      expect(shown.length).toBeLessThan(rows);
      expect(shown.at(-1)).toMatch(/\d+ more at work/);
    }
  });

  it("uses nothing beyond ASCII where that would not be shown", () => {
    const board = boardOf([0, "gitea", at(nas, 5, { bytesTotal: 10, filesDone: 3 })]);
    for (const line of lines(board, ["gitea", "x"], 24, { ...look, unicode: false }))
      expect(line).toMatch(/^[\u0020-\u007e]*$/);
  });

  it("tells a finished app in one line", () => {
    const board = boardOf(
      [0, "gitea", at(nas, 310 * mib, { filesDone: 1204 })],
      [1, "gitea", { type: "step-finished", step: nas, durationMs: 1 }],
      [2, "gitea", { type: "finished", outcome: "success", durationMs: 133_000 }],
    );
    const app = board.get("gitea");
    expect(app === undefined ? "" : finishedLine(look, app)).toMatch(
      /^✔ gitea +1,204 files · 310\.0 MiB → nas +2 min 13 s$/,
    );
  });
});
