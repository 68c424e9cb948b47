import type { Database } from "../open.ts";

export interface DestinationCounts {
  /** Snapshots that exist, as far as the state knows. */
  snapshots: number;
  /** When a backup last ended well there, also one that found nothing changed. */
  lastBackupAt: string | null;
}

/** How much lies in a destination: counted over a part of an index alone, so that 100,000 snapshots cost little. */
export async function destinationCounts(db: Database, destination: string): Promise<DestinationCounts> {
  const there = db.selectFrom("snapshots").where("destination", "=", destination).where("forgotten_at", "is", null);
  const newest = async (status: string): Promise<string | null> => {
    const last = there.where("status", "=", status).select((select) => select.fn.max("completed_at").as("at"));
    return (await last.executeTakeFirst())?.at ?? null;
  };
  const [counted, stored, unchanged] = await Promise.all([
    there
      .where("status", "=", "success")
      .select((select) => select.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow(),
    newest("success"),
    newest("unchanged"),
  ]);
  const lastBackupAt = [stored, unchanged].reduce((one, other) =>
    other !== null && other > (one ?? "") ? other : one,
  );
  return { snapshots: counted.count, lastBackupAt };
}
