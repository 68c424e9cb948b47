import type { Benchmark } from "./benchmark.ts";
import { dump } from "./benchmarks/dump.ts";
import { fleet } from "./benchmarks/fleet.ts";
import { overhead } from "./benchmarks/overhead.ts";
import { small } from "./benchmarks/small.ts";

/** All of them, the quickest first. */
export const benchmarks: readonly Benchmark[] = [small, dump, overhead, fleet];
