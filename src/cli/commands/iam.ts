import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { grantLines, iamLines } from "../render/iam.ts";

export const iamCommand = command({
  name: "iam",
  summary: "the least rights that a destination's keys need, ready to paste",
  description: [
    "For S3 the policies of two users, for B2 the commands that make two keys: one for the backup, which cannot delete anything but restic's locks, and one for maintenance. Nothing is reached and nothing is changed.",
  ],
  arguments: { name: { kind: "required", value: "DESTINATION", description: "a destination of type s3 or b2" } },
  options: {
    for: {
      kind: "value",
      value: "WHAT",
      choices: ["backup", "maintenance"],
      description: "only that one, and nothing else, to be piped on",
    },
  },
  examples: [
    { line: "holdfast iam b2", does: "both, with what else to do" },
    { line: "holdfast iam b2 --for backup > backup-policy.json", does: "one policy as a file" },
  ],
  async run({ arguments: { name }, options, open }) {
    const { iamOf } = await import("../../operations/iam/iam.ts");
    await using holdfast = await open(false);
    const report = iamOf(holdfast, name);
    const only = options.for === "backup" || options.for === "maintenance" ? options.for : undefined;
    return {
      document: only === undefined ? report : report.rights[only],
      lines: (look) => (only === undefined ? iamLines(look, report) : grantLines(report.rights, only)),
      exit: exits.success,
    };
  },
});
