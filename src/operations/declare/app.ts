import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import type { App } from "../../domain/app.ts";
import { apiOrigin } from "../../domain/origin.ts";
import { isSystemApp } from "../../domain/system.ts";
import { checkOutward } from "../access/outward.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { changed, sealedIn, withoutUndefined, withSealed, type Fields } from "./body.ts";
import { putConfiguration } from "./configuration.ts";
import { changing, needFree, needOpen, type Change, type Draft } from "./draft.ts";
import { checkSources } from "./source-path.ts";

export interface AppFields {
  /** As they stand in holdfast.yaml, secrets as `Secret`; null takes a field away. Never hooks: commands come from files. */
  fields: Fields;
  /** Its policy belongs to its configuration: a policy's name, null for the default, undefined to leave it. */
  policy?: string | null | undefined;
}

/** Adds an app. Throws HF_NAME_TAKEN, HF_CONFIG_*, HF_ADDRESS_REFUSED, HF_SOURCE_REFUSED. */
export async function createApp(holdfast: Holdfast, name: string, app: AppFields, change: Change): Promise<void> {
  if (isSystemApp(name)) throw failure("HF_SYSTEM_NAME", { name, origin: apiOrigin });
  await checkServers(app.fields);
  await checkSources(holdfast, app.fields);
  await changing(holdfast, change, async (draft) => {
    needFree(draft, "app", name);
    await put(draft, name, withoutUndefined(app.fields));
    // What an app of that name had before it was deleted is not this one's.
    if (draft.body("configuration", name) !== undefined) await draft.remove("configuration", name);
    if (app.policy != null) await draft.put("configuration", name, { policy: app.policy });
  });
}

/** Changes an app of the API's. Throws HF_DECLARED_ELSEWHERE, HF_CONFIG_*, HF_ADDRESS_REFUSED, HF_SOURCE_REFUSED. */
export async function changeApp(holdfast: Holdfast, app: App, changes: AppFields, change: Change): Promise<void> {
  const { name } = app;
  needOpen("app", app);
  if (app.origin !== apiOrigin) throw failure("HF_BUILT_IN", { kind: "app", name });
  await checkServers(changes.fields);
  await checkSources(holdfast, changes.fields);
  await changing(holdfast, change, async (draft) => {
    const before = draft.body("app", name);
    if (before === undefined) {
      throw failure("HF_UNKNOWN_NAME", { kind: "app", name, suggestion: "It was deleted meanwhile." });
    }
    const next = await put(draft, name, changed(before, changes.fields));
    const used = new Set(next);
    await draft.unseal(sealedIn(before).filter((one) => !used.has(one)));
    if (changes.policy !== undefined) await putConfiguration(draft, app, { policy: changes.policy });
  });
}

/** Deletes an app of the API's and its configuration. Its snapshots stay. Throws HF_DECLARED_ELSEWHERE, HF_BUILT_IN. */
export async function deleteApp(holdfast: Holdfast, app: App, change: Change): Promise<void> {
  const { name, origin } = app;
  await changing(holdfast, change, async (draft) => {
    const body = draft.body("app", name);
    if (body === undefined) {
      needOpen("app", app);
      throw failure("HF_BUILT_IN", { kind: "app", name });
    }
    await draft.remove("app", name);
    await draft.unseal(sealedIn(body));
    if (origin === apiOrigin) await draft.remove("configuration", name);
  });
}

/** Servers that a user of the API names are reached from Holdfast's own machine. A host that is a path is a socket's folder. */
async function checkServers({ databases }: Fields): Promise<void> {
  for (const database of Array.isArray(databases) ? databases : []) {
    const { host } = servers.parse(database);
    if (host === undefined || (host.startsWith("/") && !host.includes(","))) continue;
    await checkOutward(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);
  }
}

const servers = z.object({ host: z.string().optional().catch(undefined) });

/** Gives the names of the sealed secrets that it uses now. */
async function put(draft: Draft, name: string, fields: Fields): Promise<string[]> {
  const { body, secrets } = withSealed(fields, `app:${name}`);
  await draft.put("app", name, body);
  for (const [secretName, secret] of secrets) await draft.seal(secretName, secret);
  return sealedIn(body);
}
