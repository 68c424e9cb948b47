import { join } from "node:path";
import { failure } from "../../base/errors/error.ts";
import { realPath } from "../../base/files/exists.ts";
import type { DatabaseCapture } from "../../domain/capture.ts";
import type { DatabaseDeclaration } from "../../domain/database.ts";
import type { StepRef } from "../../domain/events.ts";
import { systemApps } from "../../domain/system.ts";
import { openDeclared } from "../context/databases.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { RunWork } from "../run/lifecycle.ts";
import type { RestoredDatabase } from "./report.ts";

/** Which databases a restore loads, and where to. */
export interface DatabaseChoice {
  captures: DatabaseCapture[];
  /** As the app declares them now. */
  declared: DatabaseDeclaration[];
  /** Replaces fields of the declaration, to load into another server or under another name. */
  into: Record<string, unknown>;
  /** Folder that holds the dumps' files. */
  folder: string;
}

/** Loads databases from their dumps, one after another; each one's failure is a problem of the run and of its own report. */
export async function loadDatabases(
  holdfast: Holdfast,
  choice: DatabaseChoice,
  run: RunWork,
): Promise<RestoredDatabase[]> {
  const loaded: RestoredDatabase[] = [];
  for (const capture of choice.captures) loaded.push(await load(holdfast, choice, capture, run));
  return loaded;
}

async function load(
  holdfast: Holdfast,
  choice: DatabaseChoice,
  capture: DatabaseCapture,
  run: RunWork,
): Promise<RestoredDatabase> {
  const step: StepRef = { phase: "load", subject: capture.name };
  const begun = performance.now();
  const report = await run.step(step, async () => {
    const declaration = declarationOf(choice, capture);
    await needNotState(holdfast, declaration);
    const database = await openDeclared(holdfast, declaration);
    try {
      return await database.load(join(choice.folder, "databases"), capture.counts, run);
    } finally {
      await database.close();
    }
  });
  for (const warning of report?.warnings ?? []) run.note(step, warning);
  const why = report === undefined ? run.problemOf(step) : undefined;
  return {
    name: capture.name,
    type: capture.type,
    rows: Object.values(report?.counts ?? {}).reduce((sum, rows) => sum + rows, 0),
    durationMs: performance.now() - begun,
    ...(why === undefined ? {} : { problem: why }),
  };
}

/** The declaration of today, or, when the app is no longer declared, what the caller gives. */
function declarationOf(choice: DatabaseChoice, capture: DatabaseCapture): DatabaseDeclaration {
  const declared = choice.declared.find((one) => one.name === capture.name && one.type === capture.type);
  if (declared === undefined && Object.keys(choice.into).length === 0) {
    throw failure("HF_LOAD_FAILED", {
      database: capture.name,
      detail:
        "it is not declared, so its server is not known; declare it, or say where to with --into host=… --into database=…",
    });
  }
  const spec: { path?: unknown } = typeof declared?.spec === "object" ? { ...declared.spec } : {};
  // Another server is no place for a file: of a whole app, only the databases on servers go there.
  const isFile = capture.replaces.length > 0 && choice.into["path"] === undefined;
  if (isFile) needSamePlace(capture, spec);
  return { name: capture.name, type: capture.type, spec: { ...spec, ...(isFile ? {} : choice.into) } };
}

/** A file goes back where it came from: whoever may change the declaration may not choose what it overwrites. */
function needSamePlace({ name, replaces }: DatabaseCapture, spec: { path?: unknown }): void {
  const [from] = replaces;
  const { path: to } = spec;
  if (from === undefined || typeof to !== "string" || from === to) return;
  const detail = `it was dumped from ${from} and is declared at ${to} now; say --into path=…`;
  throw failure("HF_LOAD_FAILED", { database: name, detail });
}

/** Its own state, exchanged while it is at work on it, would be lost or mixed; whatever the app is called. */
async function needNotState({ home }: Holdfast, { spec }: DatabaseDeclaration): Promise<void> {
  const path = typeof spec === "object" && spec !== null && "path" in spec ? spec.path : undefined;
  if (typeof path !== "string" || (await realPath(path)) !== (await realPath(home.state))) return;
  throw failure("HF_SYSTEM_IN_PLACE", { app: systemApps.database });
}
