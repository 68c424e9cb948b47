import { resolve } from "node:path";
import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { keyRotationLines } from "../render/keys.ts";
import { usage } from "../usage.ts";

export const keysRotateCommand = command({
  name: "keys rotate",
  summary: "change the master key that seals Holdfast's secrets",
  description: [
    "A new key is added, all secrets are sealed with it, the old key is removed. Interrupted at any point, everything still opens, and running it again finishes it. A daemon need not be stopped, unless you change the master password: then stop it first and start it with the new one. Write a new recovery kit afterwards.",
  ],
  arguments: {},
  options: {
    passwordFile: {
      kind: "value",
      value: "FILE",
      description: "from now on the key lies sealed under the master password in FILE",
    },
    withoutPassword: { kind: "flag", description: "from now on the key lies in its file without a master password" },
  },
  examples: [
    { line: "holdfast keys rotate", does: "once a year, or when someone may have seen the key file" },
    {
      line: "holdfast keys rotate --password-file /root/master-password",
      does: "protect the key, or change its password",
    },
  ],
  async run({ options, cwd, open, watch }) {
    const { passwordFile, withoutPassword } = options;
    if (passwordFile !== undefined && withoutPassword)
      throw usage("--password-file and --without-password exclude each other.", "keys rotate");
    const { rotateMasterKey } = await import("../../operations/keys/rotate-master-key.ts");
    await using holdfast = await open(true);
    const request = {
      withoutPassword,
      ...(passwordFile === undefined ? {} : { passwordFile: resolve(cwd, passwordFile) }),
    };
    const rotation = await rotateMasterKey(holdfast, request, watch("Changing the master key"));
    return { document: rotation, lines: (look) => keyRotationLines(look, rotation), exit: exits.success };
  },
});
