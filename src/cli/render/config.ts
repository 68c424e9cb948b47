import type { Problem } from "../../base/errors/error.ts";
import { marks, paint, type Look } from "./look.ts";
import { problemLines } from "./problems.ts";
import { fields } from "./table.ts";
import { fit, oneLine } from "./text.ts";
import { counted } from "./units.ts";

interface Named {
  name: string;
  origin: string;
}

export interface DeclaredThings {
  apps: readonly Named[];
  policies: readonly Named[];
  destinations: readonly Named[];
  problems: readonly Problem[];
}

/** What is declared, where it comes from, and what is wrong with it. */
export function configLines(look: Look, declared: DeclaredThings): string[] {
  const names = (list: readonly Named[]): string =>
    fit(oneLine(list.map(({ name }) => name).join(", ")) || "none", look.columns - 18);
  const things = [...declared.apps, ...declared.policies, ...declared.destinations];
  const origins = [...new Set(things.map(({ origin }) => origin))];
  const count = declared.problems.length;
  return [
    ...fields(look, [
      ["apps", names(declared.apps)],
      ["policies", names(declared.policies)],
      ["destinations", names(declared.destinations)],
      ...origins.map(
        (origin, index) => [index === 0 ? "from" : "", fit(oneLine(origin), look.columns - 18, "middle")] as const,
      ),
    ]),
    "",
    ...problemLines(
      look,
      declared.problems.map((problem) => ({ problem })),
    ),
    count === 0
      ? `${paint(look, "good", marks.good)} No mistakes found.`
      : `${paint(look, "failed", marks.failed)} ${counted(count, "mistake")} found. What is not named above is used as it is.`,
  ];
}
