import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privateFolder } from "../../base/files/atomic.ts";
import type { Journal, Obligation } from "../../base/journal/journal.ts";
import type { Holdfast } from "./holdfast.ts";
import type { Home } from "./home.ts";

/** A private folder for passing files, made when it is first asked for. */
export interface Scratch {
  path: () => Promise<string>;
  /** Removes it. */
  end: () => Promise<void>;
}

/** A folder in the home that the journal owes to remove, or, for those who must not write there, one in $TMPDIR. */
export function scratchIn(home: Home, journal: Journal, acting: boolean): Scratch {
  const path = join(home.scratch, randomUUID());
  let made: Promise<string> | undefined;
  let owed: Obligation | undefined;
  let end: (() => Promise<void>) | undefined;
  const make = async (): Promise<string> => {
    if (!acting) {
      const passing = await mkdtemp(join(tmpdir(), "holdfast-"));
      end = async () => await rm(passing, { recursive: true, force: true });
      return passing;
    }
    const obligation = (owed ??= await journal.incur({ kind: "remove", paths: [path] }));
    end = async () => {
      await rm(path, { recursive: true, force: true });
      await journal.settle(obligation);
    };
    await privateFolder(path);
    return path;
  };
  return {
    path: () =>
      (made ??= make().catch((error: unknown) => {
        // A full disk may have room again when the next one asks.
        made = undefined;
        throw error;
      })),
    async end() {
      // Whoever asked has heard why it could not be made.
      await made?.catch(() => undefined);
      await end?.();
    },
  };
}

/** The same Holdfast with a scratch folder that goes when this is disposed of: for a run of a process that goes on. */
export function withOwnScratch(holdfast: Holdfast): { holdfast: Holdfast } & AsyncDisposable {
  const scratch = scratchIn(holdfast.home, holdfast.journal, holdfast.acting);
  return { holdfast: { ...holdfast, scratch: scratch.path }, [Symbol.asyncDispose]: scratch.end };
}
