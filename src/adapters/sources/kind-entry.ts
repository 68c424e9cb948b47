import { z } from "zod";

/** What the sources need to know of a kind of database or destination. */
export interface DeclaredKind {
  type: string;
  spec: z.ZodType;
}

/** An entry with a `type`: what all kinds share, and what that type's own schema made of the rest. */
export interface KindEntry<Common> {
  type: string;
  common: Common;
  /** As it was written, without what all kinds share. */
  raw: Record<string, unknown>;
  spec: unknown;
}

/** A schema for entries of several kinds, and the parts from which its JSON Schema is put together. */
export interface KindEntrySchema<Common> {
  schema: z.ZodType<KindEntry<Common>>;
  parts: { outer: z.ZodType; common: z.ZodObject; kinds: readonly DeclaredKind[] };
}

/**
 * The schema of entries that say their kind by `type`. Errors are those of the chosen kind only. Keys that all kinds
 * share are in `common` and are not handed to the kind's own schema.
 */
export function kindEntry<Common extends z.ZodObject>(
  common: Common,
  kinds: readonly DeclaredKind[],
): KindEntrySchema<z.output<Common>> {
  const outer = z.looseObject({});
  const shared = new Set(Object.keys(common.shape));
  const schema = outer.transform((entry, context): KindEntry<z.output<Common>> => {
    const { type, ...rest } = entry;
    const kind = kinds.find((known) => known.type === type);
    if (kind === undefined) {
      context.issues.push({
        code: "invalid_value",
        values: kinds.map((known) => known.type),
        path: ["type"],
        input: type,
      });
      return z.NEVER;
    }
    const own = pick(rest, (key) => shared.has(key));
    const raw = pick(rest, (key) => !shared.has(key));
    const commonResult = common.safeParse(own);
    const specResult = kind.spec.safeParse(raw);
    for (const result of [commonResult, specResult]) {
      for (const issue of result.error?.issues ?? []) context.issues.push({ ...issue, input: undefined });
    }
    if (!commonResult.success || !specResult.success) return z.NEVER;
    return { type: kind.type, common: commonResult.data, raw, spec: specResult.data };
  });
  return { schema, parts: { outer, common, kinds } };
}

function pick(entry: Record<string, unknown>, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => wanted(key)));
}
