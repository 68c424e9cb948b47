import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { readPassword } from "../password-file.ts";
import { fields } from "../render/table.ts";

export const userPasswordCommand = command({
  name: "user password",
  summary: "give someone a new password, and let them in again",
  description: [
    "For whoever is on the machine itself: it wants no sign-in. All of the person's sessions end. Without --password-file a password is made up and shown.",
  ],
  arguments: { name: { kind: "required", value: "NAME", description: "what they sign in as" } },
  options: {
    passwordFile: { kind: "value", value: "FILE", description: "take the password from the first line of this file" },
  },
  examples: [{ line: "holdfast user password ada", does: "a new password, which is shown" }],
  async run({ arguments: { name }, options, open, cwd }) {
    const given = await readPassword(options.passwordFile, cwd, "user password");
    const { setPasswordHere } = await import("../../operations/access/on-the-machine.ts");
    await using holdfast = await open(true);
    const { user, password } = await setPasswordHere(holdfast, { name, password: given });
    return {
      document: { id: user.id, name, ...(given === undefined ? { password } : {}) },
      lines: (look) =>
        fields(look, [["user", name], ...(given === undefined ? [["password", password] as const] : [])]),
      exit: exits.success,
    };
  },
});
