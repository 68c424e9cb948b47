import { problem, type Problem } from "../base/errors/error.ts";
import { formatBytes } from "./atoms/bytes.ts";
import type { SourcePart } from "./snapshot.ts";

/** Below this share of the last good capture, in files or bytes, a source counts as collapsed (law 2). */
export const collapsedBelow = 0.5;

/**
 * Compares a capture with the last good one. A collapse is: a part that held something and is now empty; a database
 * dump below half of its size; or all files together below half in number or bytes. Parts that are no longer declared
 * are no collapse: a person took them out.
 */
export function findCollapse(app: string, before: SourcePart[], now: SourcePart[]): Problem | undefined {
  const current = new Map(now.map((part) => [part.name, part]));
  const compared = before.filter((part) => current.has(part.name));
  for (const old of compared) {
    const part = current.get(old.name) ?? { name: old.name, files: 0, bytes: 0 };
    const emptied = part.files === 0 && old.files > 0;
    const dumpCollapsed = old.name.startsWith("database:") && part.bytes < old.bytes * collapsedBelow;
    if (emptied || dumpCollapsed) return collapse(`${app} (${old.name})`, old, part);
  }
  const isFile = (part: SourcePart): boolean => !part.name.startsWith("database:");
  const declared = new Set(compared.map((part) => part.name));
  const old = total(compared.filter(isFile));
  const fresh = total(now.filter((part) => isFile(part) && declared.has(part.name)));
  const collapsed = fresh.bytes < old.bytes * collapsedBelow || fresh.files < old.files * collapsedBelow;
  return collapsed ? collapse(app, old, fresh) : undefined;
}

function collapse(what: string, before: Size, now: Size): Problem {
  return problem("HF_SOURCE_COLLAPSED", { app: what, before: describe(before), now: describe(now) });
}

interface Size {
  files: number;
  bytes: number;
}

function total(parts: SourcePart[]): Size {
  return parts.reduce((sum, part) => ({ files: sum.files + part.files, bytes: sum.bytes + part.bytes }), {
    files: 0,
    bytes: 0,
  });
}

function describe(size: Size): string {
  return `${size.files} files, ${formatBytes(size.bytes)}`;
}
