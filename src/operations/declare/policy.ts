import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import type { Policy } from "../../domain/app.ts";
import { apiOrigin } from "../../domain/origin.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { changed, withoutUndefined, type Fields } from "./body.ts";
import { changing, needFree, needOpen, needUnused, type Change } from "./draft.ts";

/** Adds a policy; what its fields leave out comes from the policy `default`. Throws HF_NAME_TAKEN, HF_CONFIG_*. */
export async function createPolicy(holdfast: Holdfast, name: string, fields: Fields, change: Change): Promise<void> {
  await changing(holdfast, change, async (draft) => {
    needFree(draft, "policy", name);
    await draft.put("policy", name, withoutUndefined(fields));
  });
}

/**
 * Changes a policy of the API's, or `default`; `keep` is changed rule by rule, null takes a field away, so that it comes from
 * `default` again. Throws HF_DECLARED_ELSEWHERE, HF_CONFIG_*.
 */
export async function changePolicy(holdfast: Holdfast, policy: Policy, fields: Fields, change: Change): Promise<void> {
  needOpen("policy", policy);
  const { name, origin } = policy;
  await changing(holdfast, change, async (draft) => {
    const before = draft.body("policy", name);
    if (before === undefined && origin === apiOrigin) {
      throw failure("HF_UNKNOWN_NAME", { kind: "policy", name, suggestion: "It was deleted meanwhile." });
    }
    const keep = keepAfter(before?.["keep"] ?? policy.keep, fields["keep"]);
    await draft.put("policy", name, changed(before ?? {}, { ...fields, ...(keep === undefined ? {} : { keep }) }));
  });
}

/** Undefined when nothing of it is changed; null when it is taken away, also rule by rule. */
function keepAfter(before: unknown, change: unknown): unknown {
  if (change === undefined || change === null) return change;
  const after = changed(rules.parse(before), rules.parse(change));
  return Object.keys(after).length === 0 ? null : after;
}

const rules = z.record(z.string(), z.unknown());

/** Deletes a policy of the API's. Throws HF_DECLARED_ELSEWHERE, HF_BUILT_IN for `default`, HF_IN_USE. */
export async function deletePolicy(holdfast: Holdfast, policy: Policy, change: Change): Promise<void> {
  const { name, origin } = policy;
  await changing(holdfast, change, async (draft) => {
    if (draft.body("policy", name) === undefined || name === "default") {
      needOpen("policy", policy);
      throw failure("HF_BUILT_IN", { kind: "policy", name });
    }
    // A source's own of that name stays, and with it whoever uses it.
    if (origin === apiOrigin) needUnused(draft, "policy", name);
    await draft.remove("policy", name);
  });
}
