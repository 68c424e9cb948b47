import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { passwordRotationLines } from "../render/keys.ts";
import { problemLines } from "../render/problems.ts";

export const passwordRotateCommand = command({
  name: "password rotate",
  summary: "give a repository a new password",
  description: [
    "Adds a new password, proves that it opens the repository alone, uses it from then on, and removes the old one. The data is not encrypted anew: who had the old password and a copy of the repository's key files can still read that copy. Interrupted at any point, the repository opens, and running it again goes on where it stopped. Only for passwords that Holdfast made. Write a new recovery kit afterwards.",
  ],
  arguments: { destination: { kind: "required", value: "DESTINATION", description: "the destination's name" } },
  options: {},
  examples: [{ line: "holdfast password rotate nas", does: "someone may have seen the recovery kit" }],
  async run({ arguments: { destination }, open, watch }) {
    const { rotateRepositoryPassword } = await import("../../operations/keys/rotate-password.ts");
    await using holdfast = await open(true);
    const rotation = await rotateRepositoryPassword(holdfast, destination, watch("Changing the password"));
    return {
      document: rotation,
      lines: (look) => passwordRotationLines(look, rotation),
      problems: (look) =>
        problemLines(
          look,
          rotation.problems.map((problem) => ({ about: destination, problem })),
        ),
      exit: rotation.problems.length > 0 ? exits.warning : exits.success,
    };
  },
});
