import { readFile } from "node:fs/promises";
import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { exists } from "../../base/files/exists.ts";
import { writeAtomically } from "../../base/files/atomic.ts";
import { Secret } from "../../base/secrets/secret.ts";
import { destinationName } from "../../domain/names.ts";
import { knownDestination } from "../../state/queries/destinations.ts";
import { keepSealed, readSealed, replaceSealed } from "../../state/queries/secrets.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { passwordName, passwordOf, repositoriesOf } from "../context/repositories.ts";

const kitSchema = z.object({
  kit: z.literal(1),
  made: z.string(),
  device: z.string(),
  destinations: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      /** Value of RESTIC_REPOSITORY. */
      repository: z.string(),
      /** restic's -o options, and the variables that hold its credentials. */
      options: z.array(z.string()),
      variables: z.array(z.string()),
      password: z.string(),
    }),
  ),
  howTo: z.array(z.string()),
});

/** What a kit holds, its passwords aside. */
export interface KitSummary {
  path: string;
  destinations: string[];
}

/**
 * Writes the recovery kit: where the repositories are and the passwords that open them, for a person with restic and
 * nothing else. It is the one place where passwords leave the vault; the file is 0600 and must be kept elsewhere.
 */
export async function writeKit(holdfast: Holdfast, path: string): Promise<KitSummary> {
  if (await exists(path)) {
    const detail = `${path} is there already, perhaps an older kit with passwords that are still needed.`;
    throw failure("HF_USAGE", { detail, help: "holdfast recover --help" });
  }
  const repositories = repositoriesOf(holdfast);
  const destinations = [];
  for (const declared of holdfast.declared.destinations) {
    const known = await knownDestination(holdfast.state, declared.name);
    const sealed = await readSealed(holdfast.state, passwordName(declared.name));
    // A destination that was never used and has no password yet is not worth a line.
    if (known === undefined && sealed === undefined && declared.password === undefined) continue;
    const password = await passwordOf(holdfast, declared);
    const { repository, options, variables } = (await repositories.open(declared.name)).byHand;
    const { name, type } = declared;
    destinations.push({ name, type, repository, options: [...options], variables, password: password.reveal() });
  }
  const kit: z.infer<typeof kitSchema> = {
    kit: 1,
    made: holdfast.clock.now().toISOString(),
    device: holdfast.deviceName,
    destinations,
    howTo: [
      "With Holdfast: install it, put your holdfast.yaml back, then: holdfast recover --from-kit THIS_FILE",
      "Without Holdfast: export RESTIC_REPOSITORY=<repository> RESTIC_PASSWORD=<password>, set the variables that are named with your credentials, and give each of the options as -o OPTION; then: restic snapshots; restic restore SNAPSHOT --target /tmp/restore",
      "Each snapshot holds .holdfast/capture.json, which says how to load its database dumps by hand.",
      "Keep this file on paper or in a password store, not beside the backups: whoever has it can read them.",
    ],
  };
  await writeAtomically(path, `${JSON.stringify(kit, null, 2)}\n`, { mode: 0o600 });
  return { path, destinations: destinations.map((destination) => destination.name) };
}

/** Takes the passwords of a kit into this home's vault. Throws HF_CONFIG_UNREADABLE, HF_CONFIG_INVALID. */
export async function readKit(holdfast: Holdfast, path: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw failure(
      "HF_CONFIG_UNREADABLE",
      { path, detail: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  const kit = parseKit(text, path);
  const vault = await holdfast.vault();
  const at = holdfast.clock.now().toISOString();
  for (const destination of kit.destinations) {
    const name = passwordName(destination.name);
    const sealed = vault.seal(name, new Secret(destination.password));
    const unused = (await knownDestination(holdfast.state, destinationName(destination.name))) === undefined;
    await (unused ? replaceSealed(holdfast.state, name, sealed, at) : keepSealed(holdfast.state, name, sealed, at));
  }
  return kit.destinations.map((destination) => destination.name);
}

function parseKit(text: string, path: string): z.infer<typeof kitSchema> {
  try {
    return kitSchema.parse(JSON.parse(text));
  } catch (error) {
    throw failure(
      "HF_CONFIG_INVALID",
      {
        place: path,
        expected: "a recovery kit written by `holdfast recover --kit`",
        found: "something else",
        suggestion: "Check that it is the whole file.",
      },
      { cause: error },
    );
  }
}
