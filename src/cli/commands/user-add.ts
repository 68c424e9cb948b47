import { exits } from "../../base/errors/entry.ts";
import { accessScopes, userNameExpected, userNamePattern } from "../../domain/access.ts";
import { command } from "../command.ts";
import { readPassword } from "../password-file.ts";
import { fields } from "../render/table.ts";
import { usage } from "../usage.ts";

export const userAddCommand = command({
  name: "user add",
  summary: "let someone sign in to the API and the console",
  description: [
    "For whoever is on the machine itself: it wants no sign-in. Without --password-file a password is made up and shown.",
  ],
  arguments: { name: { kind: "required", value: "NAME", description: "what they sign in as" } },
  options: {
    scope: {
      kind: "value",
      value: "SCOPE",
      description: "read, operate (back up and restore) or admin (everything, the default)",
      choices: accessScopes,
    },
    passwordFile: { kind: "value", value: "FILE", description: "take the password from the first line of this file" },
  },
  examples: [
    { line: "holdfast user add ada", does: "an admin, with a password that is shown" },
    { line: "holdfast user add guest --scope read", does: "someone who may only look" },
  ],
  async run({ arguments: { name }, options, open, cwd }) {
    if (!userNamePattern.test(name)) throw usage(`${name} is not ${userNameExpected}.`, "user add");
    const scope = accessScopes.find((one) => one === options.scope) ?? "admin";
    const given = await readPassword(options.passwordFile, cwd, "user add");
    const { addUserHere } = await import("../../operations/access/on-the-machine.ts");
    await using holdfast = await open(true);
    const { user, password } = await addUserHere(holdfast, { name, scope, password: given });
    return {
      document: { id: user.id, name, scope, ...(given === undefined ? { password } : {}) },
      lines: (look) =>
        fields(look, [
          ["user", name],
          ["scope", scope],
          ...(given === undefined ? [["password", password] as const] : []),
        ]),
      exit: exits.success,
    };
  },
});
