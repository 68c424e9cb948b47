import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { childEnvironment } from "../../src/base/process/environment.ts";
import { execute } from "../../src/base/process/execute.ts";
import type { Keep } from "../../src/domain/atoms/keep.ts";
import { applyKeep } from "../../src/domain/retention/apply-keep.ts";
import { binaries } from "../support/binaries.ts";
import { rounds } from "../support/effort.ts";
import { suiteFolder } from "../support/folders.ts";
import { cheapen, type HandmadeSnapshot } from "./sealed-repository.ts";

/** Each case is one policy over this many histories: one restic process judges them all, grouped by host. */
const historiesPerCase = 6;
const cases = rounds({ short: 120, long: 5000 });
const now = new Date();

interface Judged {
  host: string;
  keep: { id: string }[] | null;
  reasons: { snapshot: { id: string }; matches: string[] }[] | null;
}

describe("retention, with the real restic as oracle", () => {
  const folder = suiteFolder();
  let write: (made: HandmadeSnapshot) => Promise<string>;

  const call = async (...args: string[]): Promise<string> => {
    const environment = childEnvironment({
      RESTIC_REPOSITORY: join(folder(), "repository"),
      RESTIC_PASSWORD: "oracle",
      RESTIC_CACHE_DIR: join(folder(), "cache"),
      // restic lets `within` follow the daylight saving of the zone that it runs in; ours is pure.
      TZ: "UTC",
    });
    let output = "";
    const exit = await execute(
      { argv: [binaries.restic.sid, ...args], env: environment },
      { onLine: (line) => (output += `${line}\n`) },
    );
    if (exit.code !== 0) throw new Error(`restic ${args.join(" ")}: ${exit.stderr}`);
    return output;
  };

  beforeAll(async () => {
    await call("init");
    write = await cheapen(join(folder(), "repository"), "oracle");
  });

  it("decides exactly as restic forget, over random histories and policies", { timeout: 1_800_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(history, { minLength: historiesPerCase, maxLength: historiesPerCase }),
        policy,
        async (histories, keep) => {
          await rm(join(folder(), "repository", "snapshots"), { recursive: true, force: true });
          const stored: { id: string; time: string }[][] = [];
          for (const [group, times] of histories.entries()) {
            const snapshots = [];
            for (const time of times) snapshots.push({ id: await write({ time, hostname: `group${group}` }), time });
            stored.push(snapshots);
          }
          const judged = JSON.parse(
            await call(
              "forget",
              "--dry-run",
              "--json",
              "--no-lock",
              "--no-cache",
              "--group-by",
              "host",
              ...flags(keep),
            ),
          ) as Judged[];
          expect(judged.length).toBe(stored.length);
          for (const group of judged) {
            const snapshots = stored[Number(group.host.slice("group".length))] ?? [];
            const theirs = resticDecisions(group);
            const possible = ordersOfEqualTimes(snapshots).map((order) => ourDecisions(order, keep));
            // Of equal instants restic takes the one first that it happened to load first.
            expect(possible.includes(theirs) ? theirs : possible[0]).toBe(theirs);
          }
        },
      ),
      { numRuns: cases },
    );
  });
});

const offsets = ["Z", "+00:00", "+05:30", "-08:00", "+14:00", "-12:00", "+01:00", "+02:00", "-03:30"];
const minute = 60_000;
const day = 24 * 60 * minute;

const pad = (value: number): string => String(value).padStart(2, "0");

function stamp(instantMs: number, offset: string, nanos: string): string {
  const minutes = offset === "Z" ? 0 : Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  const wall = new Date(instantMs + (offset.startsWith("-") ? -minutes : minutes) * minute);
  const date = `${wall.getUTCFullYear()}-${pad(wall.getUTCMonth() + 1)}-${pad(wall.getUTCDate())}`;
  return `${date}T${pad(wall.getUTCHours())}:${pad(wall.getUTCMinutes())}:${pad(wall.getUTCSeconds())}${nanos}${offset}`;
}

/** Whole seconds before now: close together, nightly, years apart, around turns of years, and in the future. */
const age = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 12 }).map((count) => count * 25 * minute) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 60 }).map((nights) => nights * day) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 * 24 * 60 }).map((minutes) => minutes * minute) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 * 365 }).map((days) => days * day) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 2015, max: 2025 }), fc.integer({ min: -4 * 24, max: 7 * 24 }))
      .map(([year, hours]) => now.getTime() - Date.UTC(year, 0, 1, hours)),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 * 24 }).map((hours) => -(hours * 60 * minute + 10 * minute)) },
);

const moment: fc.Arbitrary<Moment> = fc
  .tuple(
    age,
    fc.constantFrom(...offsets),
    fc.constantFrom("", "", "", ".5", ".000000001", ".123456789"),
    fc.constantFrom(0, 0, minute, 59 * minute),
  )
  .map(([ageMs, offset, nanos, shift]) => {
    const second = Math.floor((now.getTime() - ageMs + shift) / 1000) * 1000;
    return { instantMs: second, offset, nanos };
  });

interface Moment {
  instantMs: number;
  offset: string;
  nanos: string;
}

/** One of `edgeSpans` before the newest snapshot, by the calendar at its own offset, or a second beside that. */
function edge(
  moments: Moment[],
  [years, months, days, hours]: readonly number[],
  seconds: number,
  nanos?: string,
): Moment[] {
  const past = moments.filter(({ instantMs }) => instantMs < now.getTime());
  const [newest] = past.toSorted((a, b) => b.instantMs - a.instantMs);
  if (newest === undefined) return [];
  const shiftMs = Date.parse(`1970-01-01T00:00:00${newest.offset}`);
  const wall = new Date(newest.instantMs - shiftMs);
  wall.setUTCFullYear(
    wall.getUTCFullYear() - (years ?? 0),
    wall.getUTCMonth() - (months ?? 0),
    wall.getUTCDate() - (days ?? 0),
  );
  const instantMs = wall.getTime() + shiftMs - (hours ?? 0) * 60 * minute + seconds * 1000;
  return [{ instantMs, offset: newest.offset, nanos: nanos ?? newest.nanos }];
}

const edgeSpans = {
  "1y": [1, 0, 0, 0],
  "1m": [0, 1, 0, 0],
  "12d": [0, 0, 12, 0],
  "36h": [0, 0, 0, 36],
  "1m1d": [0, 1, 1, 0],
};

/** Where the month depends on the offset. */
const turnOfMonth = fc
  .tuple(fc.integer({ min: -24, max: 6 }), fc.integer({ min: -15, max: 15 }))
  .map(([month, hours]) => Date.UTC(2026, month, 1, hours))
  .filter((instantMs) => instantMs < now.getTime());

/** Some instants occur twice or three times, in offsets of their own; some lie on the very edge of `within`. */
const history = fc
  .record({
    moments: fc.array(moment, { minLength: 1, maxLength: 24 }),
    twins: fc.array(fc.tuple(fc.nat(23), fc.constantFrom(...offsets)), { maxLength: 3 }),
    newest: fc.oneof(
      fc.constant(undefined),
      fc.nat(800 * 24).map((hours) => now.getTime() - hours * 60 * minute),
      turnOfMonth,
    ),
    edges: fc.array(
      fc.tuple(
        fc.constantFrom(...Object.values(edgeSpans)),
        fc.constantFrom(0, 0, 0, 1, -1),
        fc.constantFrom(undefined, ".000000002", ".123456788"),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ moments, twins, newest, edges }) => {
    const latest = Math.max(...moments.map(({ instantMs }) => instantMs));
    const shift = newest === undefined ? 0 : Math.floor((newest - latest) / 1000) * 1000;
    const moved = moments.map((each) => ({ ...each, instantMs: each.instantMs + shift }));
    const doubled = twins.flatMap(([index, offset]) => {
      const original = moved[index];
      return original === undefined ? [] : [{ ...original, offset }];
    });
    const onEdge = edges.flatMap(([span, seconds, nanos]) => edge(moved, span, seconds, nanos));
    return [...moved, ...doubled, ...onEdge].map(({ instantMs, offset, nanos }) => stamp(instantMs, offset, nanos));
  });

const few = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 2 });
const span = fc
  .tuple(fc.nat(3), fc.nat(14), fc.nat(40), fc.nat(50))
  .map(([years, months, days, hours]) =>
    [
      years > 0 ? `${years}y` : "",
      months > 0 ? `${months}m` : "",
      days > 0 ? `${days}d` : "",
      hours > 0 ? `${hours}h` : "",
    ].join(""),
  )
  .filter((text) => text !== "");
const policy: fc.Arbitrary<Keep> = fc
  .record({
    last: few,
    hourly: few,
    daily: few,
    weekly: few,
    monthly: few,
    yearly: few,
    within: fc.option(fc.oneof(span, fc.constantFrom(...Object.keys(edgeSpans))), { nil: undefined, freq: 2 }),
  })
  .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Keep)
  .filter((keep) => Object.keys(keep).length > 0);

const flags = (keep: Keep): string[] =>
  Object.entries(keep).flatMap(([name, value]) => [`--keep-${name}`, String(value)]);

const rendered = (kept: { id: string; reasons: string[] }[]): string =>
  kept
    .map(({ id, reasons }) => `${id.slice(0, 12)} ${reasons.join(", ")}`)
    .sort()
    .join("\n");

function resticDecisions(group: Judged): string {
  const kept = (group.reasons ?? []).map(({ snapshot, matches }) => ({
    id: snapshot.id,
    reasons: matches.map((text) => text.replace(" snapshot", "")),
  }));
  expect(kept.length).toBe(group.keep?.length ?? 0);
  return rendered(kept);
}

const ourDecisions = (snapshots: { id: string; time: string }[], keep: Keep): string =>
  rendered(applyKeep(snapshots, keep, now).filter((decision) => decision.keep));

/** All orders of the history that differ in the order of equal instants. */
function ordersOfEqualTimes<T extends { time: string }>(snapshots: T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const snapshot of snapshots) {
    const instant = `${Date.parse(snapshot.time)} ${/\.\d+/.exec(snapshot.time)?.[0] ?? ""}`;
    groups.set(instant, [...(groups.get(instant) ?? []), snapshot]);
  }
  let orders: T[][] = [[]];
  for (const group of groups.values()) {
    const choices = permutations(group);
    orders = orders.flatMap((order) => choices.map((choice) => [...order, ...choice]));
  }
  return orders;
}

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
