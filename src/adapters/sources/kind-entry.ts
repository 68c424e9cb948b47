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
  /** The spec with the fields of the variant in place of its own, where the entry has one. */
  variant?: unknown;
}

/** A schema for entries of several kinds, and the parts from which its JSON Schema is put together. */
export interface KindEntrySchema<Common> {
  schema: z.ZodType<KindEntry<Common>>;
  parts: { outer: z.ZodType; common: z.ZodObject; kinds: readonly DeclaredKind[]; variant?: string };
}

/**
 * The schema of entries that say their kind by `type`. Errors are those of the chosen kind only. Keys that all kinds
 * share are in `common` and are not handed to the kind's own schema. The key `variant`, which `common` describes as a map,
 * holds fields of the kind's own schema that take the place of the entry's in a second spec, checked as a whole too.
 */
export function kindEntry<Common extends z.ZodObject>(
  common: Common,
  kinds: readonly DeclaredKind[],
  variant?: string,
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
    const other = variant === undefined ? undefined : fieldsOf(own[variant]);
    const variantResult = other === undefined ? undefined : kind.spec.safeParse({ ...raw, ...other });
    // Where the entry itself is right, all that is wrong is the variant's doing.
    const wrong = (variantResult?.error?.issues ?? []).flatMap((issue) =>
      within(variant ?? "", other ?? {}, issue, specResult.success),
    );
    for (const result of [commonResult, specResult]) {
      for (const issue of result.error?.issues ?? []) context.issues.push({ ...issue, input: undefined });
    }
    for (const issue of wrong) context.issues.push({ ...issue, input: undefined });
    if (!commonResult.success || !specResult.success || variantResult?.success === false) return z.NEVER;
    const entryOf = { type: kind.type, common: commonResult.data, raw, spec: specResult.data };
    return variantResult === undefined ? entryOf : { ...entryOf, variant: variantResult.data };
  });
  return { schema, parts: { outer, common, kinds, ...(variant === undefined ? {} : { variant }) } };
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  const map = z.record(z.string(), z.unknown()).safeParse(value);
  return map.success ? map.data : undefined;
}

/** What is wrong with the variant, told where it stands; what the entry itself has told already is left out. */
function within(
  variant: string,
  fields: Record<string, unknown>,
  issue: z.core.$ZodIssue,
  all: boolean,
): z.core.$ZodIssue[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    const keys = issue.keys.filter((key) => Object.hasOwn(fields, key));
    return keys.length === 0 ? [] : [{ ...issue, keys, path: [variant] }];
  }
  const [first] = issue.path;
  if (first !== undefined && Object.hasOwn(fields, first)) return [{ ...issue, path: [variant, ...issue.path] }];
  return all ? [{ ...issue, path: [variant] }] : [];
}

function pick(entry: Record<string, unknown>, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => wanted(key)));
}
