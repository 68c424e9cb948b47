import type { DestinationContext } from "../../../domain/destination.ts";
import type { Repository } from "../../../domain/repository.ts";
import { backup } from "./backup.ts";
import { check } from "./check.ts";
import type { Connection } from "./connection.ts";
import { dump } from "./dump.ts";
import { forget } from "./forget.ts";
import { init } from "./init.ts";
import type { Restic } from "./invoke.ts";
import { addKey, keys, removeKey } from "./keys.ts";
import { locks } from "./locks.ts";
import { ls } from "./ls.ts";
import { probe } from "./probe.ts";
import { prune } from "./prune.ts";
import { restore } from "./restore.ts";
import { snapshots } from "./snapshots.ts";
import { stats } from "./stats.ts";
import { unlock } from "./unlock.ts";

/** A restic repository: one restic command behind each method. */
export function resticRepository(connection: Connection, context: DestinationContext): Repository {
  const restic: Restic = { connection, context };
  return {
    location: connection.location,
    byHand: {
      repository: connection.repository,
      options: connection.options,
      variables: Object.keys(connection.env),
    },
    probe: (run) => probe(restic, run),
    init: (run) => init(restic, run),
    store: (request, run) => backup(restic, request, run),
    snapshots: (run, filter) => snapshots(restic, run, filter),
    entries: (id, path, run, only) => ls(restic, id, path, run, only),
    read: (id, path, into, run, archive) => dump(restic, { id, path, archive: archive ?? "tar" }, into, run),
    restore: (request, run) => restore(restic, request, run),
    forget: (ids, run) => forget(restic, ids, run),
    check: (scope, run) => check(restic, scope, run),
    stats: (run) => stats(restic, run),
    pruning: { prune: (run) => prune(restic, run) },
    passwords: {
      keys: (run) => keys(restic, run),
      add: (password, run) => addKey(restic, password, run),
      remove: (key, run) => removeKey(restic, key, run),
    },
    locking: { locks: (run) => locks(restic, run), unlock: (run) => unlock(restic, run) },
  };
}
