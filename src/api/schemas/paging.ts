import { z } from "zod";
import type { PageEnd } from "../../state/queries/snapshot-pages.ts";

const endSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** Where the next page begins. */
export const pageCursor = z
  .string()
  .max(200)
  .transform((text, context): PageEnd => {
    const end = endSchema.safeParse(parsed(text));
    if (end.success) return { time: end.data[0], id: end.data[1] };
    context.addIssue({ code: "custom", message: "expected the next_cursor of an earlier answer" });
    return z.NEVER;
  })
  .meta({ description: "`next_cursor` of the page before. What is new meanwhile moves nothing." });

export const nextCursor = z.string().nullable().meta({ description: "For the page after this one; null on the last." });

/** The cursor behind a page; null when it was the last. Pages are read with one more than their limit. */
export function cursorAfter<T>(rows: readonly T[], limit: number, endOf: (row: T) => PageEnd): string | null {
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return null;
  const { time, id } = endOf(last);
  return Buffer.from(JSON.stringify([time, id])).toString("base64url");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The fields that are there: what a query leaves out is no filter. */
export type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
