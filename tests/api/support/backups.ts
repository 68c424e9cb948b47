import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoriesOf } from "../../../src/operations/context/repositories.ts";
import { withOwnScratch } from "../../../src/operations/context/scratch.ts";
import { carryOutQueued } from "../../../src/operations/queue/carry-out.ts";
import { claimNext } from "../../../src/operations/queue/claim.ts";
import { idOf } from "../../../src/domain/ids.ts";
import { binaries } from "../../support/binaries.ts";
import { startApi, type Api, type StartOptions } from "./start-api.ts";

export const backupPath = "/api/v1/backup";

export interface SnapshotAnswer {
  id: string;
  restic_snapshot_id: string | null;
  status: string;
  [field: string]: unknown;
}

export interface Shop extends Api {
  /** What the app `shop` consists of. */
  data: string;
  configuration: string;
}

/** The API over one app, `shop`, whose files lie in `data`, and one local repository, `disk`. */
export async function startShop(options: StartOptions & { more?: string } = {}): Promise<Shop> {
  const { more = "", ...others } = options;
  const api = await startApi({
    config: (folder) =>
      [
        `destinations: { disk: { type: local, path: ${join(folder, "repository")} } }`,
        `policies: { default: { schedule: "0 2 * * *", destinations: [disk] } }`,
        `apps: { shop: { paths: [${join(folder, "data")}] } }`,
        more,
      ].join("\n"),
    ...others,
    // Of this process's own PATH nothing is known.
    environment: { HOLDFAST_RESTIC: binaries.restic.sid, ...others.environment },
  });
  const data = join(api.folder, "data");
  write(join(data, "orders/2026/first.csv"), "one\n");
  write(join(data, "orders/2026/second.csv"), "two\n");
  write(join(data, "notes/first.csv"), "other\n");
  write(join(data, "empty"), "");
  symlinkSync("orders", join(data, "link"));
  return { ...api, data, configuration: idOf("configuration", "shop") };
}

export function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Carries out all that is queued, as the daemon does. */
export async function runQueue(api: Api): Promise<void> {
  const caller = { signal: new AbortController().signal, listen: () => undefined };
  for (const run of await claimNext(api.holdfast, caller)) {
    await using own = withOwnScratch(api.holdfast);
    await carryOutQueued(own.holdfast, repositoriesOf(own.holdfast), run, caller);
  }
}

/** A finished backup of the shop. */
export async function backUp(shop: Shop): Promise<SnapshotAnswer> {
  const asked = await shop.send<{ snapshot_id: string }>(
    "POST",
    `${backupPath}/configurations/${shop.configuration}/backup`,
  );
  if (asked.status !== 202) throw new Error(asked.text);
  await runQueue(shop);
  const snapshot = await shop.send<SnapshotAnswer>("GET", `${backupPath}/snapshots/${asked.body.snapshot_id}`);
  if (snapshot.body.status !== "success") throw new Error(snapshot.text);
  return snapshot.body;
}
