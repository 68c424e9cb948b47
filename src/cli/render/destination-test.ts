import type { DestinationTest } from "../../operations/destination-test/test.ts";
import { paint, type Look } from "./look.ts";
import { outcomeLook, problemLines } from "./problems.ts";
import { oneLine, wrap } from "./text.ts";

/** One destination after another: mark, name, where it lies; what was found; what differs from what is promised. */
export function destinationTestLines(look: Look, tests: readonly DestinationTest[]): string[] {
  return tests.flatMap((test) => {
    const { mark, tone } = outcomeLook[test.outcome];
    const where = test.location === undefined ? "" : `  ${paint(look, "dim", oneLine(test.location))}`;
    return [
      `${paint(look, tone, mark)} ${paint(look, "strong", test.destination)}${where}`,
      ...test.facts.flatMap((fact) => wrap(oneLine(fact), look.columns - 2).map((part) => `  ${part}`)),
      ...problemLines(
        look,
        test.problems.map((problem) => ({ about: test.destination, problem })),
      ),
    ];
  });
}
