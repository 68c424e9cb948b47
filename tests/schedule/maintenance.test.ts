import { describe, expect, it } from "vitest";
import { destinationName } from "../../src/domain/names.ts";
import { enqueueMaintenance } from "../../src/operations/schedule/maintenance.ts";
import type { Database } from "../../src/state/open.ts";
import { rememberDestination } from "../../src/state/queries/destinations.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";
import { deciding, setClock, type Deciding } from "./inventory.ts";

const yaml = `
destinations:
  nas: { type: local, path: /mnt/nas }
  vault: { type: local, path: /mnt/vault, append_only: true }
  old: { type: local, path: /mnt/old, enabled: false }
  new: { type: local, path: /mnt/new }
policies: { default: { destinations: [nas, vault, old, new] } }
`;

// Times are those of this machine's zone: 04:30, 05:00 on Sundays, 06:00.
const local = (day: number, hour: number, minute = 0): string => new Date(2026, 10, day, hour, minute).toISOString();

async function started(engine: (typeof engineNames)[number], at: string, text = yaml): Promise<Deciding> {
  const holdfast = deciding(await opened(await newTarget(engine)), text, setClock(at));
  for (const name of ["nas", "vault", "old"]) {
    const found = { repositoryId: name, location: `/mnt/${name}`, at };
    await rememberDestination(holdfast.state, destinationName(name), found);
  }
  await enqueueMaintenance(holdfast, holdfast.clock.now());
  return holdfast;
}

const lookAt = async (holdfast: Deciding, at: string): Promise<number> =>
  await enqueueMaintenance(holdfast, holdfast.clock.set(at));

async function queued(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("runs").select(["kind", "destination", "requested_by", "work"]).execute();
  return rows.map((row) => `${row.kind} ${row.destination} ${row.requested_by} ${row.work}`).sort();
}

const upkeepOf = (...lines: [string, string][]): string[] =>
  lines
    .map(([kind, name]) => {
      const work = kind === "check" ? { kind, data: "part" } : { kind };
      return `${kind} ${name} schedule ${JSON.stringify(work)}`;
    })
    .sort();

describe.each(engineNames)("upkeep, with the state on %s", (engine) => {
  it("is queued at its times, in each destination that was used, is enabled and may be thinned", async () => {
    // 20 November 2026 is a Friday.
    const holdfast = await started(engine, local(20, 12));
    expect(await lookAt(holdfast, local(21, 4, 29))).toBe(0);
    expect(await lookAt(holdfast, local(21, 4, 30))).toBe(1);
    expect(await lookAt(holdfast, local(21, 5, 30))).toBe(0);
    expect(await lookAt(holdfast, local(21, 6, 1))).toBe(2);
    expect(await queued(holdfast.state)).toEqual(upkeepOf(["retain", "nas"], ["check", "nas"], ["check", "vault"]));
  });

  it("is caught up once after a long sleep, and not queued beside what waits already", async () => {
    const holdfast = await started(engine, local(2, 12));
    expect(await lookAt(holdfast, local(20, 12))).toBe(4);
    expect(await lookAt(holdfast, local(20, 12, 1))).toBe(0);
    expect(await lookAt(holdfast, local(21, 12))).toBe(0);
    expect(await queued(holdfast.state)).toEqual(
      upkeepOf(["retain", "nas"], ["prune", "nas"], ["check", "nas"], ["check", "vault"]),
    );
  });

  it("is queued once by two daemons", async () => {
    const holdfast = await started(engine, local(20, 12));
    const now = holdfast.clock.set(local(22, 12));
    const counts = await Promise.all([1, 2, 3].map(async () => await enqueueMaintenance(holdfast, now)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4);
  });
});

it("has the times that are declared", async () => {
  const holdfast = await started(
    "SQLite",
    local(20, 12),
    `${yaml}\ndaemon: { maintenance: { retain: "15 13 * * *" } }`,
  );
  expect(await lookAt(holdfast, local(20, 13, 14))).toBe(0);
  expect(await lookAt(holdfast, local(20, 13, 15))).toBe(1);
});

it("thins an append-only destination that has credentials for it", async () => {
  const holdfast = await started("SQLite", local(20, 12));
  const [vault] = holdfast.declared.destinations.filter(({ name }) => name === "vault");
  Object.assign(vault ?? {}, { maintenance: {} });
  await lookAt(holdfast, local(20, 12, 1));
  expect(await lookAt(holdfast, local(21, 4, 30))).toBe(2);
  expect(await queued(holdfast.state)).toEqual(upkeepOf(["retain", "nas"], ["retain", "vault"]));
});
