import type { Keep } from "../../domain/atoms/keep.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import type { StoredSnapshot } from "../../domain/repository.ts";
import { assertSafe, decideRetention, type RetentionSnapshot } from "../../domain/retention/decide.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { appOf, runOf, taggedVerdict } from "../../domain/stored.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { ownHosts } from "../context/hosts.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { RetainedSnapshot } from "./report.ts";

/**
 * Decides over a destination's listing, one history per app and host. Snapshots that are none of ours are not looked at:
 * those without our tags, and those of another machine that the state does not know. `foreign` are those that carry this
 * machine's name although the state knows nothing of them.
 */
export async function decideIn(
  holdfast: Holdfast,
  { name: destination, appendOnly }: Pick<DestinationDeclaration, "name" | "appendOnly">,
  listing: Map<string, StoredSnapshot>,
  apps: string[],
  now: Date,
): Promise<{ decided: RetainedSnapshot[]; foreign: string[] }> {
  const records = await listSnapshotRecords(holdfast.state, { destination });
  const decided: RetainedSnapshot[] = [];
  for (const history of historiesIn(listing, records, ownHosts(holdfast), apps)) {
    const app = history[0]?.app ?? "";
    const keep = keepOf(holdfast, app);
    const decisions =
      keep === undefined
        ? history.map(({ id }) => ({ id, keep: true, reasons: ["its app is no longer declared"] }))
        : decideRetention(history, keep, { now, lastRunBad: lastRunBad(records, app), onlyOwn: appendOnly });
    assertSafe(decisions, history, destination);
    const snapshots = new Map(history.map((snapshot) => [snapshot.id, snapshot]));
    for (const { id, keep: stays, reasons } of decisions) {
      const snapshot = snapshots.get(id);
      if (snapshot !== undefined) {
        decided.push({ app, id, time: snapshot.time, verdict: snapshot.verdict, keep: stays, reasons });
      }
    }
  }
  return { decided, foreign: foreignAmong(decided, listing, records) };
}

/** Neither recorded nor left by a run of ours that was ended before it could write down what it had stored. */
function foreignAmong(
  decided: RetainedSnapshot[],
  listing: Map<string, StoredSnapshot>,
  records: SnapshotRecord[],
): string[] {
  const known = new Set(records.map(({ resticId }) => String(resticId)));
  const broken = new Set(records.filter(({ status }) => status === "failed").map((record) => String(record.runId)));
  return decided
    .map(({ id }) => id)
    .filter((id) => {
      const snapshot = listing.get(id);
      const run = snapshot === undefined ? undefined : runOf(snapshot);
      return !known.has(id) && !(run !== undefined && broken.has(run));
    });
}

function historiesIn(
  listing: Map<string, StoredSnapshot>,
  records: SnapshotRecord[],
  hosts: ReadonlySet<string>,
  apps: string[],
): RetentionSnapshot[][] {
  const known = new Map(
    records.filter((record) => record.status === "success").map((record) => [record.resticId, record]),
  );
  const histories = new Map<string, RetentionSnapshot[]>();
  for (const snapshot of listing.values()) {
    const app = appOf(snapshot);
    const record = known.get(snapshot.id);
    const ours = record !== undefined || hosts.has(snapshot.host);
    if (app === undefined || !ours || (apps.length > 0 && !apps.includes(app))) continue;
    const key = JSON.stringify([app, snapshot.host]);
    const verdict = record?.verdict ?? taggedVerdict(snapshot);
    const pinned = record?.pinned ?? false;
    const entry = { id: snapshot.id, time: snapshot.time, app, verdict, pinned, own: isOwn(record) };
    histories.set(key, [...(histories.get(key) ?? []), entry]);
  }
  return [...histories].sort(([left], [right]) => left.localeCompare(right)).map(([, history]) => history);
}

/** What a run of this state stored took its time; `recover` takes in what it finds, and others may have put it there. */
function isOwn(record: SnapshotRecord | undefined): boolean {
  return record?.durationMs !== undefined;
}

function keepOf(holdfast: Holdfast, app: string): Keep | undefined {
  const declared = holdfast.declared.apps.find((one) => one.name === app);
  return holdfast.declared.policies.find((policy) => policy.name === declared?.policy)?.keep;
}

/** Law 2: after a failed, suspect or partial run there, nothing is forgotten for the app there. */
export function lastRunBad(records: SnapshotRecord[], app: string): boolean {
  const last = records.find((record) => String(record.app) === app && record.status !== "in_progress");
  if (last === undefined || last.status === "unchanged") return false;
  return last.status === "failed" || (last.verdict !== "good" && last.verdict !== "unproven");
}
