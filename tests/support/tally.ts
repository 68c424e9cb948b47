import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** What `npm test` counts and lists at its end. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
}

/** A vitest reporter: writes the tally as JSON into the file that HOLDFAST_TALLY names. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env["HOLDFAST_TALLY"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(tallyOf(modules, unhandled.length)));
  }
}

function tallyOf(modules: readonly TestModule[], unhandled: number): Tally {
  const tally: Tally = { passed: 0, failed: unhandled, skipped: [] };
  for (const module of modules) {
    // A file that does not load and a hook that fails are failures of their own: their tests never ran.
    if (module.errors().length > 0) tally.failed += 1;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) tally.failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") tally.passed += 1;
      else if (state === "failed") tally.failed += 1;
      else
        tally.skipped.push({
          name: `${relative(process.cwd(), module.moduleId)} > ${test.fullName}`,
          reason: reasonOf(test),
        });
    }
  }
  return tally;
}

function reasonOf(
  test: ReturnType<TestModule["children"]["allTests"]> extends Iterable<infer Test> ? Test : never,
): string {
  const result = test.result();
  return test.meta().skippedBecause ?? (result.state === "skipped" ? result.note : undefined) ?? "did not run";
}
