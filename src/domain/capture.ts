import { z } from "zod";

/** Folder below an app's staging folder that holds what Holdfast adds to a snapshot. */
export const captureFolder = ".holdfast";
export const captureFileName = "capture.json";

const databaseCapture = z.object({
  name: z.string(),
  type: z.string(),
  complete: z.boolean(),
  /** Paths below the .holdfast folder. */
  files: z.array(z.object({ path: z.string(), bytes: z.number() })),
  format: z.string().optional(),
  engine: z.string().optional(),
  serverVersion: z.string().optional(),
  clientVersion: z.string().optional(),
  /** The moment that the dump shows. */
  pinnedAt: z.string().optional(),
  counts: z.record(z.string(), z.number()),
  /** The database's own files that the dump stands for. */
  replaces: z.array(z.string()),
  problem: z.string().optional(),
});

/** An earlier run of the app, so that `recover` need read only the newest snapshot. */
const earlierRun = z.object({
  run: z.string(),
  outcome: z.string(),
  finishedAt: z.string(),
  snapshots: z.array(z.object({ destination: z.string(), id: z.string(), verdict: z.string(), pinned: z.boolean() })),
});

/** `capture.json`: what a run took and how, stored with it. */
export const captureSchema = z.object({
  format: z.literal(1),
  holdfast: z.string(),
  run: z.string(),
  app: z.string(),
  device: z.string(),
  startedAt: z.string(),
  capturedAt: z.string(),
  complete: z.boolean(),
  suspect: z.string().optional(),
  paths: z.array(z.object({ path: z.string(), files: z.number(), bytes: z.number() })),
  missing: z.array(z.string()),
  exclude: z.array(z.string()),
  databases: z.array(databaseCapture),
  problems: z.array(z.string()),
  /** For a person with nothing but restic. */
  restoreByHand: z.array(z.string()),
  earlier: z.array(earlierRun),
});

export type Capture = z.infer<typeof captureSchema>;
export type DatabaseCapture = z.infer<typeof databaseCapture>;
export type EarlierRun = z.infer<typeof earlierRun>;
