import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { localDevice } from "../../src/adapters/devices/local.ts";
import { openDestination } from "../../src/adapters/destinations/registry.ts";
import { Secret } from "../../src/base/secrets/secret.ts";
import type { DestinationContext } from "../../src/domain/destination.ts";
import { destinationName } from "../../src/domain/names.ts";
import type { Repository } from "../../src/domain/repository.ts";
import { binaries } from "../support/binaries.ts";
import type { Place } from "./places.ts";

/** Of this file's own: its processes are told apart by it. */
export const password = `repository "password" 'of' \\ $HOME #1 ü ${randomUUID()}`;

/** Opens a place as an operation would; scratch and cache lie below `folder`. */
export function open(folder: string, place: Place, changes: Partial<DestinationContext> = {}): Promise<Repository> {
  const scratch = join(folder, "scratch of 100%");
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  return openDestination(place, {
    name: destinationName("nas"),
    executor: localDevice(),
    restic: { path: binaries.restic.sid, version: "0.19.1" },
    cacheFolder: join(folder, "cache"),
    scratch,
    password: new Secret(password),
    lockWaitMs: 0,
    resolveSecret: async (ref) => {
      if (ref.from !== "plain") throw new Error("only plain secrets here");
      return ref.value;
    },
    ...changes,
  });
}
