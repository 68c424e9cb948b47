import type { KeyRotation } from "../../operations/keys/rotate-master-key.ts";
import type { PasswordRotation } from "../../operations/keys/rotate-password.ts";
import { marks, paint, type Look } from "./look.ts";
import { problemLines } from "./problems.ts";
import { oneLine, wrap } from "./text.ts";
import { counted } from "./units.ts";

const newKit = "Write a new recovery kit now (`holdfast recover --kit FILE`): the old one does not fit any more.";

/** What was rotated, and what a person has to do now. */
export function keyRotationLines(look: Look, rotation: KeyRotation): string[] {
  const { key, path, removed, secrets, source, finished } = rotation;
  const done = finished && source === "file" ? "The rotation that was begun is finished." : "The master key is new.";
  const first = `${paint(look, "good", marks.good)} ${done} ${counted(secrets, "secret")} sealed with key ${key}.`;
  const where = {
    credential: `${oneLine(path)}.old is not needed any more: remove that credential (${removed.join(", ")}).`,
    file: rotation.underPassword
      ? `It lies in ${oneLine(path)}, sealed under the master password.`
      : `It lies in ${oneLine(path)}.`,
  }[source];
  return [first, ...below(look, where), ...below(look, newKit)];
}

export function passwordRotationLines(look: Look, rotation: PasswordRotation): string[] {
  const { destination, finished, problems } = rotation;
  const done = finished ? "is finished: what an interrupted one had begun" : "is done: the old one opens it no more";
  const text = problems.length > 0 ? "is done, but for the old one" : done;
  const mark = problems.length > 0 ? paint(look, "warning", marks.warning) : paint(look, "good", marks.good);
  return [
    `${mark} The rotation of the password of ${paint(look, "strong", destination)} ${text}.`,
    ...below(look, newKit),
    ...problemLines(
      look,
      problems.map((problem) => ({ about: destination, problem })),
    ),
  ];
}

function below(look: Look, text: string): string[] {
  return wrap(text, look.columns - 2).map((line) => `  ${line}`);
}
