import type { Problem } from "../../base/errors/error.ts";
import type { Ready } from "../../daemon/serve.ts";
import type { Standing } from "../../operations/daemons/standing.ts";
import { version } from "../../operations/version.ts";
import { asShown, marks, paint, type Look } from "./look.ts";
import { problemLines } from "./problems.ts";
import { wrap } from "./text.ts";
import { counted, formatTime } from "./units.ts";

/** What a daemon says when it is ready: where it is, what it looks after, what keeps it from that, and how to get in. */
export function readyLines(look: Look, ready: Ready, standing: Standing, problems: readonly Problem[]): string[] {
  const { apps, destinations, mistakes, next } = standing;
  const told =
    apps === 0
      ? "Nothing is declared yet: write a holdfast.yaml, which is read as soon as it is there, or use the API."
      : `It looks after ${counted(apps, "app")} in ${counted(destinations, "destination")}.${nextSentence(next)}`;
  const lines = [
    `${paint(look, "good", marks.good)} ${paint(look, "strong", `Holdfast ${version}`)} is ready at ${paint(look, "strong", ready.address)}`,
    ...wrap(told, look.columns - 2).map((line) => `  ${line}`),
    ...problemLines(
      look,
      problems.map((problem) => ({ problem })),
    ),
  ];
  if (mistakes > 0) {
    const wrong = `${counted(mistakes, "declaration has", "declarations have")} a mistake: see \`holdfast config check\`.`;
    lines.push(`${paint(look, "warning", marks.warning)} ${wrong}`);
  }
  if (ready.setupToken !== undefined) {
    lines.push(
      "",
      "  Nobody can sign in yet. Whoever has this token makes the first user, once:",
      `  ${paint(look, "strong", ready.setupToken)}`,
      `  (POST ${ready.address}/api/v1/auth/setup; see docs/access.md)`,
    );
  }
  lines.push("", paint(look, "dim", "  Ctrl-C stops it; runs get time to end."));
  return lines.map((line) => asShown(look, line));
}

function nextSentence(next: Standing["next"]): string {
  return next === undefined ? "" : ` Next: ${next.app}, ${formatTime(next.at)}.`;
}

/** What is said instead when a daemon is there already. */
export function servedAlreadyLines(look: Look, address: string): string[] {
  const told = `The daemon at ${paint(look, "strong", address)} looks after it from now on.`;
  return [asShown(look, `${paint(look, "good", marks.good)} ${told}`)];
}
