import type { App } from "../../domain/app.ts";
import type { Database, DatabaseDeclaration, DatabaseFacts, Pin } from "../../domain/database.ts";
import { openDeclared } from "../context/databases.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { RunWork } from "../run/lifecycle.ts";

/** A database that was reached. */
interface Reached {
  database: Database;
  facts: DatabaseFacts;
}

/** A database whose moment is held. */
export interface Pinned extends Reached {
  declaration: DatabaseDeclaration;
  pin: Pin;
}

/** Undo steps, in the order in which they were incurred. */
export type Cleanups = (() => Promise<void>)[];

/**
 * Pins every database of an app, at moments that lie close together: none before all were reached, and those that
 * choose their moment themselves before the others. Undefined for one that failed, which is a problem of the run.
 */
export async function pinDatabases(
  holdfast: Holdfast,
  app: App,
  cleanups: Cleanups,
  run: RunWork,
): Promise<{ declaration: DatabaseDeclaration; held: Pinned | undefined }[]> {
  const reaching = app.databases.map((declaration) => reach(holdfast, declaration, cleanups));
  const early = Promise.allSettled(reaching).then((results) =>
    pinEarly(
      results.flatMap((result) => (result.status === "fulfilled" ? [result.value.database] : [])),
      run,
    ),
  );
  const pin = async (declaration: DatabaseDeclaration, reached: Promise<Reached>): Promise<Pinned> => {
    const there = await reached;
    const pinned = (await early).get(there.database) ?? there.database.pin(run);
    const held = await pinned;
    cleanups.push(() => held.release());
    return { ...there, declaration, pin: held };
  };
  return await Promise.all(
    app.databases.map(async (declaration, index) => {
      const reached = reaching[index] ?? reach(holdfast, declaration, cleanups);
      const held = await run.step({ phase: "pin", subject: declaration.name }, () => pin(declaration, reached));
      return { declaration, held };
    }),
  );
}

async function reach(holdfast: Holdfast, declaration: DatabaseDeclaration, cleanups: Cleanups): Promise<Reached> {
  const database = await openDeclared(holdfast, declaration);
  cleanups.push(() => database.close());
  return { database, facts: await database.probe() };
}

/** Pins those that choose their moment themselves, and waits until each has, or has failed. */
async function pinEarly(databases: Database[], run: RunWork): Promise<Map<Database, Promise<Pin>>> {
  const choosing = databases.filter(({ choosesMoment }) => choosesMoment === true);
  const pins = new Map(choosing.map((database) => [database, database.pin(run)]));
  await Promise.allSettled(pins.values());
  return pins;
}
