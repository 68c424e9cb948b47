import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { localDevice } from "../src/adapters/devices/local.ts";
import { resticVersion } from "../src/adapters/destinations/restic/binary.ts";
import { binaries, fetchBinaries } from "../tests/support/binaries.ts";
import type { Benchmark } from "./benchmark.ts";
import { benchmarks } from "./benchmarks.ts";
import { documentOf, holds, tableOf, type Result } from "./report.ts";

const usage = `Usage: npm run bench [-- NAME … --quick --rounds N --json]

${benchmarks.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join("\n")}

--quick     tiny sizes and one round: proves that the benchmarks work, says nothing about figures
--rounds N  how often each is measured; default 5
--json      one line of JSON, the last one of the output, in place of the table

Takes the restic of $HOLDFAST_RESTIC, else fetches the one that the tests use. Exits with 1 when a figure is missed or could not be measured.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
  },
});
process.exitCode = values.help ? help() : await runAll(chosen(positionals));

function help(): number {
  console.log(usage);
  return 0;
}

function chosen(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.filter((name) => benchmarks.every((one) => one.name !== name));
  if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(", ")}\n\n${usage}`);
  return names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
}

async function runAll(wanted: readonly Benchmark[]): Promise<number> {
  const { quick } = values;
  const rounds = values.rounds === undefined ? (quick ? 1 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a number, not ${values.rounds ?? ""}`);
  const restic = await findRestic();
  const machine = {
    processors: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    node: process.versions.node,
    restic: await resticVersion(restic, localDevice()),
    loadBefore: load(),
  };
  const results: Result[] = [];
  for (const { name, lacks, run } of wanted) {
    const lacking = lacks?.();
    if (lacking !== undefined) {
      console.error(`${name}: not measured, because there is no ${lacking}`);
      continue;
    }
    const folder = await mkdtemp(join(tmpdir(), `holdfast-bench-${name}-`));
    const say = (line: string): void => console.error(`${name}: ${line} (load ${load()})`);
    try {
      const figures = await run({ folder, rounds, quick, restic, say });
      results.push(...figures.map((figure) => ({ benchmark: name, figure })));
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  const { processors, node } = machine;
  if (values.json) console.log(documentOf(results, { ...machine, loadAfter: load(), rounds, quick }));
  else {
    console.log(`\n${processors} processors, Node ${node}, restic ${machine.restic}, rounds: ${rounds}`);
    console.log(`load ${machine.loadBefore} before, ${load()} after (what runs here counts in the latter)\n`);
    console.log(tableOf(results, quick));
  }
  const allMeasured = wanted.every(({ name }) => results.some(({ benchmark }) => benchmark === name));
  return allMeasured && (quick || results.every(({ figure }) => holds(figure))) ? 0 : 1;
}

async function findRestic(): Promise<string> {
  const named = process.env["HOLDFAST_RESTIC"];
  if (named !== undefined) return named;
  await fetchBinaries();
  return binaries.restic.sid;
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
