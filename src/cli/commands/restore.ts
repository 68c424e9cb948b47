import { resolve } from "node:path";
import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { exitOf } from "../exit.ts";
import { usage } from "../usage.ts";
import { problemLines } from "../render/problems.ts";
import { restoreLines } from "../render/restore.ts";

export const restoreCommand = command({
  name: "restore",
  summary: "bring an app back: its files, its databases, or parts of them",
  description: [
    "Files go to a fresh folder. With --in-place the whole app, files and databases, is put back where it was; --files, --path, --databases and --database say which part of it. What is about to be replaced is kept until the restore has succeeded.",
  ],
  arguments: { app: { kind: "required", value: "APP", description: "whose snapshot" } },
  options: {
    snapshot: {
      kind: "value",
      value: "ID",
      description: "this snapshot (the beginning of its id); default: the newest that is not known to be bad",
    },
    destination: { kind: "value", value: "NAME", description: "from this destination" },
    target: { kind: "value", value: "DIR", description: "put the files below this folder, which must be empty or new" },
    inPlace: { kind: "flag", description: "put everything back where it was" },
    path: { kind: "values", value: "PATH", description: "only this file or folder; may be repeated" },
    files: { kind: "flag", description: "the files" },
    database: { kind: "values", value: "NAME", description: "load this database; may be repeated" },
    databases: { kind: "flag", description: "load all databases" },
    into: {
      kind: "values",
      value: "KEY=VALUE",
      description: "load into another server: host=…, port=…, database=…, username=…, password=env:NAME",
    },
    yes: { kind: "flag", description: "do not ask before anything is replaced" },
    progress: { kind: "flag", description: "with --json: print events as JSON lines first" },
  },
  examples: [
    { line: "holdfast restore immich", does: "the files of the newest good snapshot, to a fresh folder" },
    { line: "holdfast restore immich --path /srv/immich/upload/2024", does: "one folder" },
    { line: "holdfast restore immich --in-place", does: "the whole app, where it was" },
    {
      line: "holdfast restore immich --database immich --into database=immich_test",
      does: "try a dump in another database",
    },
  ],
  async run({ arguments: { app }, options, cwd, open, watch, confirm }) {
    const named = options.files || options.databases || options.path.length > 0 || options.database.length > 0;
    const whole = options.inPlace && !named;
    const databases = options.databases || whole ? "all" : options.database.length > 0 ? options.database : "none";
    const files = options.files || options.path.length > 0 || whole || databases === "none";
    if (options.inPlace && options.target !== undefined)
      throw usage("--in-place and --target exclude each other.", "restore");
    const into = readInto(options.into);
    if (options.into.length > 0 && databases === "none")
      throw usage("--into says where databases go: name them with --database.", "restore");
    const { restore } = await import("../../operations/restore/restore.ts");
    await using holdfast = await open(true);
    const declared = holdfast.declared.apps.find(({ name }) => name === app);
    const loads = databases !== "none" && declared?.databases.length !== 0;
    const replaces = [...(options.inPlace && files ? ["files"] : []), ...(loads ? ["databases"] : [])];
    if (replaces.length > 0 && !options.yes) {
      const answer = await confirm(`Replace the ${replaces.join(" and ")} of ${app}?`);
      if (answer === undefined)
        throw usage("Nobody is there to confirm that something is replaced: say --yes.", "restore");
      if (!answer)
        return { document: { cancelled: true }, lines: () => ["Nothing was changed."], exit: exits.cancelled };
    }
    const report = await restore(
      holdfast,
      {
        app,
        ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
        ...(options.destination === undefined ? {} : { destination: options.destination }),
        ...(options.target === undefined ? {} : { target: resolve(cwd, options.target) }),
        inPlace: options.inPlace,
        paths: options.path.map((path) => resolve(cwd, path)),
        files,
        databases,
        into,
      },
      watch("Restoring", [app]),
    );
    return {
      document: report,
      lines: (look) => restoreLines(look, report),
      problems: (look) =>
        problemLines(
          look,
          report.problems.map((problem) => ({ about: app, problem })),
        ),
      exit: exitOf(report.outcome, report.problems),
    };
  },
});

function readInto(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key, ...value] = pair.split("=");
      if (key === undefined || key === "" || value.length === 0) {
        throw usage(`--into wants KEY=VALUE, such as host=db.lan; found ${pair}.`, "restore");
      }
      if (/password|secret/i.test(key) && !/^(env|file):/.test(value.join("="))) {
        throw usage(
          `A secret on the command line could be read by others: write ${key}=env:VARIABLE or ${key}=file:PATH.`,
          "restore",
        );
      }
      return [key, value.join("=")];
    }),
  );
}
