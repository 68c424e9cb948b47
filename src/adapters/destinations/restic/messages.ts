import { z } from "zod";

/** A line of restic's JSON output; what it holds depends on the command. */
export type Message = Record<string, unknown>;

/** The object that a line holds; undefined for a line that is not JSON (restic prints such lines among the others). */
export function messageIn(line: string): Message | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The last word of a command that failed (since 0.18, on standard error). */
export const exitErrorMessage = z.object({ message_type: z.literal("exit_error"), message: z.string() });

/** Trouble with one file. The text is nested for backup and restore, and plain for check. */
export const errorMessage = z
  .object({
    message_type: z.literal("error"),
    error: z.object({ message: z.string().optional() }).optional(),
    message: z.string().optional(),
    item: z.string().optional(),
  })
  .transform(({ error, message, item }) => ({
    path: item ?? "",
    detail: error?.message ?? message ?? "no reason given",
  }));

/** Progress of backup and restore: their words for bytes and files differ. */
export const statusMessage = z
  .object({
    message_type: z.literal("status"),
    seconds_remaining: z.number().optional(),
    total_files: z.number().optional(),
    files_done: z.number().optional(),
    files_restored: z.number().optional(),
    total_bytes: z.number().optional(),
    bytes_done: z.number().optional(),
    bytes_restored: z.number().optional(),
  })
  .transform((status) => {
    const filesDone = status.files_done ?? status.files_restored;
    return {
      bytesDone: status.bytes_done ?? status.bytes_restored ?? 0,
      ...(status.total_bytes === undefined ? {} : { bytesTotal: status.total_bytes }),
      ...(filesDone === undefined ? {} : { filesDone }),
      ...(status.total_files === undefined ? {} : { filesTotal: status.total_files }),
      ...(status.seconds_remaining === undefined ? {} : { secondsLeft: status.seconds_remaining }),
    };
  });
