import { describe, expect, it } from "vitest";
import { thisProcess } from "../../src/base/process/owner.ts";
import { destinationName } from "../../src/domain/names.ts";
import { openState } from "../../src/state/open.ts";
import { beat } from "../../src/state/queries/runs.ts";
import { takeTurn } from "../../src/state/runs/turns.ts";
import { engineNames, newTarget, opened } from "../support/state-engines.ts";

const owner = thisProcess();
const request = (what: string) => ({
  destination: destinationName("nas"),
  mode: "exclusive" as const,
  owner,
  what,
  signal: AbortSignal.timeout(20_000),
});

describe.each(engineNames)("turns on %s", (engine) => {
  it("a turn that could not be given back is given back by the next heartbeat; one that is held stays", async () => {
    const target = await newTarget(engine);
    const state = await opened(target);
    const failing = await openState(target);
    const turn = await takeTurn(failing, request("a prune"));
    await beat(state, owner, new Date().toISOString());
    expect(await state.selectFrom("turns").selectAll().execute()).toHaveLength(1);
    await failing.destroy();
    await expect(turn[Symbol.asyncDispose]()).rejects.toThrow(/driver has already been destroyed|closed|end/i);
    expect(await state.selectFrom("turns").selectAll().execute()).toHaveLength(1);
    await beat(state, owner, new Date().toISOString());
    expect(await state.selectFrom("turns").selectAll().execute()).toEqual([]);
    await using _next = await takeTurn(state, request("a check"));
  });
});
