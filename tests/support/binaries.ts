import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { localDevice } from "../../src/adapters/devices/local.ts";
import { withDebianSuite } from "../../src/operations/provision/debian.ts";

/** Programs that the tests need in other versions than this machine's packages hold. */
const wanted = {
  sid: ["restic", "restic-rest-server", "rclone", "ntfy"],
  trixie: ["restic", "python3-moto"],
  bookworm: ["restic"],
} as const;

type Suite = keyof typeof wanted;
const suites: readonly Suite[] = ["sid", "trixie", "bookworm"];

const unpackedAt = (suite: Suite, name: string): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "holdfast-tests", suite, name);

/** Where they lie. `fetchBinaries` puts them there before the tests run. */
export const binaries = {
  restic: {
    /** 0.19.1 or newer. */
    sid: join(unpackedAt("sid", "restic"), "usr/bin/restic"),
    /** 0.18.0. */
    trixie: join(unpackedAt("trixie", "restic"), "usr/bin/restic"),
    /** 0.14.0, which Holdfast refuses. */
    bookworm: join(unpackedAt("bookworm", "restic"), "usr/bin/restic"),
  },
  restServer: join(unpackedAt("sid", "restic-rest-server"), "usr/bin/restic-rest-server"),
  rclone: join(unpackedAt("sid", "rclone"), "usr/bin/rclone"),
  ntfy: join(unpackedAt("sid", "ntfy"), "usr/bin/ntfy"),
  /** PYTHONPATH for `python3 -c "from moto.server import main"`. */
  moto: join(unpackedAt("trixie", "python3-moto"), "usr/lib/python3/dist-packages"),
} as const;

/** Fetches what is missing, suite beside suite; a second run downloads nothing. */
export async function fetchBinaries(): Promise<void> {
  await Promise.all(
    suites.map(async (suite) => {
      const missing = wanted[suite].filter((name) => !existsSync(unpackedAt(suite, name)));
      if (missing.length === 0) return;
      await withDebianSuite(suite, localDevice(), async (opened) => {
        for (const name of missing) await placeWhole(unpackedAt(suite, name), (folder) => opened.unpack(name, folder));
      });
    }),
  );
}

/** The folder appears whole or not at all, also when two runs fetch it at once. */
async function placeWhole(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(join(target, ".."), { recursive: true });
  const folder = await mkdtemp(`${target}-fetch-`);
  try {
    await fill(folder);
    if (!existsSync(target)) await rename(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
