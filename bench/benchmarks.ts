import type { Benchmark } from "./benchmark.ts";
import { api } from "./benchmarks/api.ts";
import { daemon } from "./benchmarks/daemon.ts";
import { dump } from "./benchmarks/dump.ts";
import { fleet } from "./benchmarks/fleet.ts";
import { overhead } from "./benchmarks/overhead.ts";
import { small } from "./benchmarks/small.ts";

/** All of them, the quickest first. */
export const benchmarks: readonly Benchmark[] = [small, api, daemon, dump, overhead, fleet];
