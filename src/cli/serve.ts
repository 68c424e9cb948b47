import { failure } from "../base/errors/error.ts";
import { logTo } from "../daemon/log.ts";
import { serve } from "../daemon/serve.ts";
import { daemons } from "../operations/daemons/presence.ts";
import { wantsOf } from "../operations/daemons/wants.ts";
import { standingOf } from "../operations/daemons/standing.ts";
import type { Tools } from "./command.ts";
import { readyLines, servedAlreadyLines } from "./render/ready.ts";

type Place = Pick<Tools, "open" | "say" | "look" | "json" | "signal" | "now">;

/** Serves in the foreground until the person wants to stop; `listen` instead of what the configuration says. */
export async function serveHere(place: Place, listen?: { host: string; port: number }): Promise<void> {
  const { open, say, look, json, signal, now } = place;
  await using holdfast = await open(true, { daemon: true });
  if (holdfast.declared.settings.dryRun === true) {
    const detail = "BACKUP_DRY_RUN is set: a daemon that may write nothing is of no use.";
    throw failure("HF_USAGE", { detail, help: "holdfast serve --help" });
  }
  // Now, and not in the night: the first start makes the key, a wrong one is told at once.
  await holdfast.vault();
  const problems = await wantsOf(holdfast);
  await serve(
    holdfast,
    {
      log: logTo(say, () => holdfast.clock.now()),
      ...(listen === undefined ? {} : { listen }),
      ready(found) {
        const standing = standingOf(holdfast, now);
        if (json) say(JSON.stringify({ type: "ready", ...found, ...standing, problems }));
        else for (const line of readyLines(look(), found, standing, problems)) say(line);
      },
    },
    signal,
  );
}

/** Whether a daemon of this machine looks after this state already, which is said then. */
export async function isServed({ open, say, look, json }: Place): Promise<boolean> {
  await using holdfast = await open(true);
  const here = (await daemons(holdfast)).find(({ node }) => node === holdfast.deviceName);
  if (here === undefined) return false;
  if (json) say(JSON.stringify({ type: "served", address: here.address }));
  else for (const line of servedAlreadyLines(look(), here.address)) say(line);
  return true;
}
