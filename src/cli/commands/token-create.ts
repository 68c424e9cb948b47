import { exits } from "../../base/errors/entry.ts";
import { accessScopes } from "../../domain/access.ts";
import { parseDuration } from "../../domain/atoms/duration.ts";
import { command } from "../command.ts";
import { fields } from "../render/table.ts";
import { usage } from "../usage.ts";

export const tokenCreateCommand = command({
  name: "token create",
  summary: "make a token for a program that uses the API",
  description: ["The token is shown once; the state keeps only a hash of it."],
  arguments: { name: { kind: "required", value: "NAME", description: "what it is for, such as prometheus" } },
  options: {
    scope: {
      kind: "value",
      value: "SCOPE",
      description: "read (default), operate (back up and restore) or admin (everything)",
      choices: accessScopes,
    },
    expires: { kind: "value", value: "DURATION", description: "how long it is good for, such as 90d; else for ever" },
  },
  examples: [
    { line: "holdfast token create prometheus --scope read", does: "for scraping /metrics" },
    { line: "holdfast token create ci --scope operate --expires 90d", does: "may start backups, for three months" },
  ],
  async run({ arguments: { name }, options, open }) {
    const scope = accessScopes.find((one) => one === options.scope) ?? "read";
    const expiresInMs = options.expires === undefined ? undefined : parseDuration(options.expires);
    if (options.expires !== undefined && (expiresInMs === undefined || expiresInMs === 0)) {
      throw usage(`--expires wants a duration such as 90d, and not ${options.expires}.`, "token create");
    }
    const { createTokenHere } = await import("../../operations/access/on-the-machine.ts");
    await using holdfast = await open(true);
    const { token, value } = await createTokenHere(holdfast, { name, scope, expiresInMs });
    return {
      document: { id: token.id, name, scope, expires_at: token.expiresAt ?? null, token: value },
      lines: (look) => [
        ...fields(look, [
          ["token", value],
          ["scope", scope],
          ["expires", token.expiresAt ?? "never"],
        ]),
        "Send it as `Authorization: Bearer …`. It is not shown again.",
      ],
      exit: exits.success,
    };
  },
});
