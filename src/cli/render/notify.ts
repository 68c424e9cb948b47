import type { NotifierTest } from "../../operations/notify/test.ts";
import { marks, type Look } from "./look.ts";
import { problemLines } from "./problems.ts";
import { table } from "./table.ts";
import { formatDuration } from "./units.ts";

/** One line per notifier, and below what went wrong. */
export function notifyTestLines(look: Look, tested: readonly NotifierTest[]): string[] {
  const rows = tested.map(({ notifier, type, sent, durationMs }) => [
    sent ? ({ text: marks.good, tone: "good" } as const) : ({ text: marks.failed, tone: "failed" } as const),
    notifier,
    { text: type, tone: "dim" } as const,
    sent ? "sent" : "failed",
    { text: formatDuration(durationMs), tone: "dim" } as const,
  ]);
  const problems = tested.flatMap(({ notifier, problem }) =>
    problem === undefined ? [] : [{ about: notifier, problem }],
  );
  return [...table(look, [{}, {}, {}, {}, {}], rows), ...problemLines(look, problems)];
}
