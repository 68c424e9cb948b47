import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { Entry } from "../../domain/repository.ts";
import { pad, printable } from "./text.ts";
import { formatTime } from "./units.ts";

/** One file of a snapshot: type, size, time, and last its path, whole and with control characters made visible. */
export function entryLine({ type, sizeBytes, mtime, path }: Entry): string {
  const kind = { file: "-", dir: "d", symlink: "l", other: "?" }[type];
  const size = type === "file" ? formatBytes(sizeBytes) : "";
  return `${kind}  ${pad(size, 10, "right")}  ${formatTime(mtime)}  ${printable(path)}`;
}
