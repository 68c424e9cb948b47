import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { failure, isFailure, problem } from "../../base/errors/error.ts";
import { Secret } from "../../base/secrets/secret.ts";
import { vaultOver } from "../../base/secrets/vault.ts";
import type { KeyRing } from "../../base/secrets/key-ring.ts";
import type { DatabaseCapture } from "../../domain/capture.ts";
import type { RunContext } from "../../domain/run.ts";
import { adoptState } from "../../state/adopt.ts";
import { addressOf, dropDatabase } from "../../state/beside.ts";
import { openState, type Database } from "../../state/open.ts";
import { openDeclared } from "../context/databases.ts";
import { stateOf } from "../context/home.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { stateDatabase } from "../system/state-database.ts";

/**
 * Takes the state of a dump into this fresh one, row by row: so its schema is brought up to date, and a SQLite dump also
 * fills a state on PostgreSQL. Secrets are opened with the kit's keys and sealed with this home's own. Gives the names of
 * those that do not open; undefined when this state is not fresh. Throws HF_LOAD_FAILED, HF_STATE_*.
 */
export async function loadState(
  holdfast: Holdfast,
  dump: { capture: DatabaseCapture; folder: string },
  ring: KeyRing,
  run: RunContext,
): Promise<string[] | undefined> {
  const vault = await holdfast.vault();
  const kit = vaultOver(ring);
  await using dumped = await openDump(holdfast, dump, run);
  return await adoptState(holdfast.state, dumped.state, {
    at: holdfast.clock.now().toISOString(),
    interrupted: problem("HF_RUN_INTERRUPTED", { pid: "?" }),
    reseal(name, sealed) {
      try {
        return vault.seal(name, kit.open(name, sealed));
      } catch (error) {
        if (isFailure(error, "HF_SEAL_BROKEN")) return undefined;
        throw error;
      }
    },
  });
}

/** A dump, opened as a state of its own. */
async function openDump(
  holdfast: Holdfast,
  { capture, folder }: { capture: DatabaseCapture; folder: string },
  run: RunContext,
): Promise<{ state: Database } & AsyncDisposable> {
  if (capture.type !== "sqlite") return await openOnServer(holdfast, capture, folder, run);
  // A copy that was restored for this alone: opening it may bring its schema up to date.
  const state = await openState(join(folder, "databases", `${capture.name}.sqlite`));
  return { state, [Symbol.asyncDispose]: async () => await state.destroy() };
}

async function openOnServer(
  holdfast: Holdfast,
  capture: DatabaseCapture,
  folder: string,
  run: RunContext,
): Promise<{ state: Database } & AsyncDisposable> {
  const address = stateOf(holdfast.home, holdfast.variables);
  if (!(address instanceof Secret)) {
    const detail = "it is a dump of PostgreSQL: name an empty database in DATABASE_URL, and recover again";
    throw failure("HF_LOAD_FAILED", { database: capture.name, detail });
  }
  const database = `holdfast_recover_${randomBytes(4).toString("hex")}`;
  const server = await openDeclared(holdfast, { name: capture.name, ...stateDatabase(address, database) });
  const drop = async (): Promise<void> => await dropDatabase(address, database);
  try {
    await server.load(join(folder, "databases"), capture.counts, run);
    const state = await openState(addressOf(address, database));
    return {
      state,
      async [Symbol.asyncDispose]() {
        await state.destroy();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  } finally {
    await server.close();
  }
}
