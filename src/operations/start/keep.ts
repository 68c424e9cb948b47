import { createApp } from "../declare/app.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { StartReport } from "./start.ts";

/**
 * Declares the folders that were backed up and proven as an app, so that the schedule looks after them from now on. A folder
 * that nobody named is kept only where nothing else is declared. Gives whether anything new was declared.
 */
export async function keepLookingAfter(holdfast: Holdfast, report: StartReport): Promise<boolean> {
  const { apps } = holdfast.declared;
  const name = report.report.app;
  const others = apps.some((app) => app.system === undefined);
  if (apps.some((app) => app.name === name) || (report.defaulted && others)) return false;
  const { paths, exclude } = report;
  const fields = { paths, ...(exclude.length === 0 ? {} : { exclude }) };
  await createApp(holdfast, name, { fields }, { by: "holdfast start" });
  return true;
}
