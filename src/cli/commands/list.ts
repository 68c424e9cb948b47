import { exits } from "../../base/errors/entry.ts";
import { failure } from "../../base/errors/error.ts";
import type { Entry } from "../../domain/repository.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { command, type Answer } from "../command.ts";
import { usage } from "../usage.ts";
import { entryLine } from "../render/entries.ts";
import { listLines } from "../render/list.ts";
import { marks, paint } from "../render/look.ts";

export const listCommand = command({
  name: "list",
  summary: "the snapshots there are, and what is in them",
  arguments: {
    app: { kind: "optional", value: "APP", description: "only this app's snapshots" },
    path: { kind: "optional", value: "PATH", description: "with --files: only what lies below this path" },
  },
  options: {
    files: {
      kind: "optional-value",
      value: "SNAPSHOT",
      description: "list the files in a snapshot (of APP: its newest good one)",
    },
    destination: { kind: "value", value: "NAME", description: "only what lies in this destination" },
    all: { kind: "flag", description: "also failed, running and forgotten ones" },
    pin: { kind: "value", value: "SNAPSHOT", description: "never forget this snapshot" },
    unpin: { kind: "value", value: "SNAPSHOT", description: "let retention decide about it again" },
    accept: { kind: "value", value: "SNAPSHOT", description: "a suspect snapshot is right as it is: count it as good" },
  },
  examples: [
    { line: "holdfast list immich", does: "all snapshots of immich" },
    { line: "holdfast list immich --files", does: "what is in its newest good snapshot" },
    { line: "holdfast list --files 3fa9c1d2 /srv/immich", does: "part of one snapshot" },
    { line: "holdfast list --pin 3fa9c1d2", does: "keep this one for ever" },
  ],
  async run({ arguments: { app, path }, options, open, signal, say, json, now }) {
    const { listSnapshots, listFiles, pinSnapshot, acceptSuspect } = await import("../../operations/list/list.ts");
    const change = options.pin ?? options.unpin ?? options.accept;
    await using holdfast = await open(change !== undefined);
    if (options.pin !== undefined)
      return changed(await pinSnapshot(holdfast, options.pin, true), "is pinned: it is never forgotten");
    if (options.unpin !== undefined)
      return changed(await pinSnapshot(holdfast, options.unpin, false), "is no longer pinned");
    if (options.accept !== undefined)
      return changed(await acceptSuspect(holdfast, options.accept), "is accepted, and counts as good");

    const where = options.destination === undefined ? {} : { destination: options.destination };
    if (options.files !== undefined) {
      const [ofApp, below] = app?.startsWith("/") === true ? [undefined, app] : [app, path];
      const newest = async (): Promise<string> =>
        newestGood(await listSnapshots(holdfast, { ...where, ...(ofApp === undefined ? {} : { app: ofApp }) }), ofApp);
      const snapshot = options.files === "" ? await newest() : options.files;
      const entries: Entry[] = [];
      const request = { snapshot, ...(below === undefined ? {} : { path: below }) };
      for await (const entry of listFiles(holdfast, request, { signal, listen: () => undefined })) {
        if (json) entries.push(entry);
        else if (!say(entryLine(entry))) break;
      }
      return { document: { snapshot, entries }, exit: exits.success };
    }
    if (path !== undefined) throw usage(`${path} is one argument too many without --files.`, "list");
    const snapshots = await listSnapshots(holdfast, {
      ...where,
      ...(app === undefined ? {} : { app }),
      all: options.all,
    });
    return {
      document: { snapshots },
      lines: (look) => listLines(look, snapshots, now, app),
      exit: app !== undefined && snapshots.length === 0 ? exits.nothing : exits.success,
    };
  },
});

function changed(snapshot: SnapshotRecord, what: string): Answer {
  return {
    document: { snapshot },
    lines: (look) => [
      `${paint(look, "good", marks.good)} Snapshot ${snapshot.resticId?.slice(0, 8) ?? snapshot.id} of ${snapshot.app} ${what}.`,
    ],
    exit: exits.success,
  };
}

function newestGood(records: readonly SnapshotRecord[], app: string | undefined): string {
  if (app === undefined) throw usage("--files needs a snapshot or an app.", "list");
  const [newest] = records
    .filter(({ verdict, resticId }) => verdict === "good" && resticId !== undefined)
    .sort((one, other) => other.startedAt.localeCompare(one.startedAt));
  if (newest?.resticId === undefined)
    throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: `the newest good one of ${app}` });
  return newest.resticId;
}
