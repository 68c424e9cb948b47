import type { RunEvent } from "../../domain/events.ts";
import { widthOf } from "../render/text.ts";
import { block, finishedLine } from "../render/progress.ts";
import { asShown } from "../render/look.ts";
import type { Channel } from "../terminal/channel.ts";
import { hear, type Board } from "./board.ts";
import type { View } from "./view.ts";

/** Ten frames in a second: calm to look at, cheap over a slow connection. */
const frameMs = 100;
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/**
 * A block at the bottom of the terminal that is redrawn in place. Finished apps stand above the active ones and scroll
 * away when the window is too low for all; `stop` takes the block away, so that the report takes its place.
 */
export function liveView(channel: Channel, title: string, expected: readonly string[]): View {
  const board: Board = new Map();
  const startedMs = performance.now();
  const notes: string[] = [];
  let drawn: string[] = [];
  let scrolled = 0;
  let frame = 0;

  const erase = (): string => {
    const { columns } = channel.look();
    // After the window got narrower, one line may stand in several rows.
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    drawn = [];
    return rows === 0 ? "" : `\u001b[${rows}A\r\u001b[J`;
  };
  const draw = (): void => {
    const look = channel.look();
    const rows = channel.rows();
    const gone = overflow(board, rows - notes.length, scrolled).map((subject) =>
      asShown(look, finishedLine(look, subject)),
    );
    const cleared = erase();
    scrolled += gone.length;
    frame += 1;
    const lines = block(look, board, {
      title,
      expected,
      startedMs,
      nowMs: performance.now(),
      frame,
      rows: rows - notes.length,
      scrolled,
    });
    drawn = [...lines, ...notes];
    channel.write(`${cleared}${[...gone, ...drawn].map((line) => `${line}\n`).join("")}`);
  };

  const restore = (): void => channel.write(showCursor);
  process.once("exit", restore);
  channel.write(hideCursor);
  draw();
  const timer = setInterval(draw, frameMs);
  timer.unref();
  const unwatch = channel.onResize(draw);
  return {
    listen: (name: string, event: RunEvent) => void hear(board, name, event, performance.now()),
    note(line) {
      notes.push(asShown(channel.look(), line));
      draw();
    },
    stop() {
      clearInterval(timer);
      unwatch();
      const cleared = erase();
      channel.write(`${cleared}${notes.map((line) => `${line}\n`).join("")}${showCursor}`);
      process.off("exit", restore);
    },
  };
}

/** Finished apps for which the window has no room any more, the oldest first. */
function overflow(board: Board, rows: number, scrolled: number) {
  const subjects = [...board.values()];
  const finished = subjects.filter((subject) => subject.finished !== undefined);
  const active = subjects.length - finished.length;
  const room = Math.max(0, rows - 4 - active);
  return finished.slice(scrolled, Math.max(scrolled, finished.length - room));
}
