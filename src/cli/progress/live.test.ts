import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunEvent, StepRef } from "../../domain/events.ts";
import type { Channel } from "../terminal/channel.ts";
import { liveView } from "./live.ts";

const step: StepRef = { phase: "store", subject: "nas" };
const started: RunEvent = { type: "step-started", step };
const finished: RunEvent = { type: "finished", outcome: "success", durationMs: 1000 };

/** A terminal that understands what the view sends: lines, cursor up, erase below, cursor shown or hidden. */
function screen(columns: number, rows: number) {
  const lines = [""];
  let row = 0;
  const seen = { cursor: true, resized: (): void => undefined, frames: 0 };
  const look = { color: false, unicode: true, columns };
  const channel: Channel = {
    tty: true,
    closed: false,
    look: () => look,
    rows: () => rows,
    write(text) {
      seen.frames += 1;
      for (const part of text.split(/(\u001b\[\??\d*[A-Za-z]|\n|\r)/)) {
        if (part === "\n") lines[(row += 1)] ??= "";
        else if (part === "\u001b[J") lines.splice(row);
        else if (part === "\u001b[?25l") seen.cursor = false;
        else if (part === "\u001b[?25h") seen.cursor = true;
        else if (part.startsWith("\u001b[")) row -= Number(part.slice(2, -1));
        else if (part !== "" && part !== "\r") lines[row] = (lines[row] ?? "") + part;
        lines[row] ??= "";
      }
    },
    onResize(changed) {
      seen.resized = changed;
      return () => undefined;
    },
  };
  return { channel, seen, shown: () => lines.filter((line) => line !== "") };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("redraws in place, at most ten times a second", () => {
  const { channel, seen, shown } = screen(80, 24);
  const view = liveView(channel, "Backing up", ["immich", "gitea"]);
  view.listen("immich", started);
  const before = seen.frames;
  for (let index = 0; index < 1000; index += 1) {
    view.listen("immich", { type: "step-progress", step, progress: { bytesDone: index, bytesTotal: 1000 } });
    vi.advanceTimersByTime(1);
  }
  expect(seen.frames - before).toBeLessThanOrEqual(10);
  expect(shown()).toHaveLength(3);
  expect(shown()[1]).toMatch(/immich .*99%/);
  expect(shown()[2]).toBe("  … 1 waiting");
  view.stop();
});

it("leaves nothing behind but what was noted, and shows the cursor again", () => {
  const { channel, seen, shown } = screen(80, 24);
  const view = liveView(channel, "Backing up", []);
  view.listen("immich", started);
  expect(seen.cursor).toBe(false);
  view.note("Stopping cleanly …");
  vi.advanceTimersByTime(500);
  expect(shown().at(-1)).toBe("Stopping cleanly …");
  view.stop();
  expect(shown()).toEqual(["Stopping cleanly …"]);
  expect(seen.cursor).toBe(true);
});

it("lets finished apps scroll away when the window is full, each exactly once", () => {
  const names = Array.from({ length: 30 }, (_, index) => `app-${index}.`);
  const { channel, shown } = screen(80, 12);
  const view = liveView(channel, "Backing up", names);
  for (const name of names) {
    view.listen(name, started);
    vi.advanceTimersByTime(100);
    view.listen(name, finished);
    vi.advanceTimersByTime(100);
  }
  for (const name of names) expect(shown().filter((line) => line.includes(`${name} `))).toHaveLength(1);
  view.stop();
});

it("erases wrapped lines too after the window got narrower", () => {
  const { channel, shown } = screen(80, 24);
  let columns = 80;
  const narrowing: Channel = { ...channel, look: () => ({ color: false, unicode: true, columns }) };
  const sent: string[] = [];
  const view = liveView({ ...narrowing, write: (text) => sent.push(text) }, "Backing up", []);
  view.listen("immich", started);
  view.listen("immich", { type: "step-progress", step, progress: { bytesDone: 1, bytesTotal: 10, filesDone: 3 } });
  vi.advanceTimersByTime(100);
  columns = 40;
  vi.advanceTimersByTime(100);
  // The heading's one row, and two for the line of 79 columns.
  expect(sent.at(-1)).toContain("\u001b[3A");
  view.stop();
  expect(shown()).toEqual([]);
});
