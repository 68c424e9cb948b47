import { readFile } from "node:fs/promises";
import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { exists } from "../../base/files/exists.ts";
import { writeAtomically } from "../../base/files/atomic.ts";
import { parseRing, ringText, type KeyRing } from "../../base/secrets/key-ring.ts";
import { findKeySource, readRing } from "../../base/secrets/key-source.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { declarationRow } from "../../state/queries/declarations.ts";
import { knownDestination } from "../../state/queries/destinations.ts";
import { readSealed } from "../../state/queries/secrets.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { passwordName, passwordOf, repositoriesOf } from "../context/repositories.ts";
import { secretResolver } from "../context/secrets.ts";
import { bodyOf, sealedIn } from "../declare/body.ts";
import { outerForm } from "./outer-form.ts";

const destinationSchema = z.strictObject({
  name: z.string(),
  type: z.string(),
  /** Value of RESTIC_REPOSITORY. */
  repository: z.string(),
  /** restic's -o options, and the variables that hold its credentials. */
  options: z.array(z.string()),
  variables: z.array(z.string()),
  password: z.string(),
  /** As under `destinations` in holdfast.yaml, but for type and password. What a file or variable holds stays there. */
  fields: z.record(z.string(), z.unknown()),
  append_only: z.boolean(),
  /** What the API declared, and the secrets that it names: they are nowhere else. */
  api: z
    .strictObject({ body: z.record(z.string(), z.unknown()), secrets: z.record(z.string(), z.string()) })
    .optional(),
});

const kitSchema = z.strictObject({
  kit: z.literal(2),
  made: z.string(),
  device: z.string(),
  /** The key ring, the current key first: with these the secrets of a recovered state open. */
  master_keys: z.array(z.string()).min(1),
  destinations: z.array(destinationSchema),
  how_to: z.array(z.string()),
});

export type Kit = z.infer<typeof kitSchema>;
export type KitDestination = z.infer<typeof destinationSchema>;

/** What a kit holds, its secrets aside. */
export interface KitSummary {
  path: string;
  destinations: string[];
}

/**
 * Writes the recovery kit: the master key, where the repositories are and what opens them, for a new machine and for a person
 * with restic and nothing else. It is the one place where secrets leave the vault; the file is 0600 and must be kept
 * elsewhere.
 */
export async function writeKit(holdfast: Holdfast, path: string): Promise<KitSummary> {
  if (await exists(path)) {
    const detail = `${path} is there already, perhaps an older kit with passwords that are still needed: name another file, and keep the old one until the new one is safe.`;
    throw failure("HF_USAGE", { detail, help: "holdfast recover --help" });
  }
  const destinations: KitDestination[] = [];
  for (const declared of holdfast.declared.destinations) {
    const known = await knownDestination(holdfast.state, declared.name);
    const sealed = await readSealed(holdfast.state, passwordName(declared.name));
    // A destination that was never used and has no password yet is not worth a line.
    if (known === undefined && sealed === undefined && declared.password === undefined) continue;
    destinations.push(await inKit(holdfast, declared));
  }
  const kit: Kit = {
    kit: 2,
    made: holdfast.clock.now().toISOString(),
    device: holdfast.deviceName,
    master_keys: ringText(await ringOf(holdfast))
      .reveal()
      .trim()
      .split("\n"),
    destinations,
    how_to: [
      "With Holdfast: install it, set the variables and files that are named under `fields`, then: holdfast recover --from-kit THIS_FILE",
      "Without Holdfast: export RESTIC_REPOSITORY=<repository> RESTIC_PASSWORD=<password>, set the variables that are named with your credentials, and give each of the options as -o OPTION; then: restic snapshots; restic restore SNAPSHOT --target /tmp/restore",
      "Each snapshot holds .holdfast/capture.json, which says how to load its database dumps by hand.",
      "Keep this file on paper or in a password store, not beside the backups: whoever has it can read them. Write a new one after each rotation of the master key or of a password.",
    ],
  };
  await writeAtomically(path, `${JSON.stringify(kit, null, 2)}\n`, { mode: 0o600 });
  return { path, destinations: destinations.map((destination) => destination.name) };
}

async function ringOf(holdfast: Holdfast): Promise<KeyRing> {
  // Makes the key where there is none yet, and tells of a wrong one.
  await holdfast.vault();
  const source = await findKeySource(holdfast.environment, holdfast.home.masterKey);
  const ring = await readRing(source);
  if (ring === undefined) throw failure("HF_MASTER_KEY", { path: source.path, detail: "it is missing" });
  return ring;
}

async function inKit(holdfast: Holdfast, declared: DestinationDeclaration): Promise<KitDestination> {
  const { name, type, appendOnly } = declared;
  const password = await passwordOf(holdfast, declared);
  const { repository, options, variables } = (await repositoriesOf(holdfast).open(name)).byHand;
  const api = await apiDeclaration(holdfast, declared);
  return {
    name,
    type,
    repository,
    options: [...options],
    variables,
    password: password.reveal(),
    fields: z.record(z.string(), z.unknown()).parse(await outerForm(declared.spec, secretResolver(holdfast))),
    append_only: appendOnly,
    ...(api === undefined ? {} : { api }),
  };
}

async function apiDeclaration(holdfast: Holdfast, declared: DestinationDeclaration): Promise<KitDestination["api"]> {
  const row = await declarationRow(holdfast.state, "destination", declared.name);
  if (row === undefined) return undefined;
  const body = bodyOf(row);
  const resolve = secretResolver(holdfast);
  const secrets: Record<string, string> = {};
  for (const name of sealedIn(body)) secrets[name] = (await resolve({ from: "sealed", name })).reveal();
  return { body, secrets };
}

/** Reads a kit. Throws HF_CONFIG_UNREADABLE, HF_CONFIG_INVALID. */
export async function readKit(path: string): Promise<Kit> {
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
  try {
    const kit = kitSchema.parse(JSON.parse(text));
    keysOf(kit);
    // From now on none of them is printed.
    for (const { password, api } of kit.destinations) {
      for (const value of [password, ...Object.values(api?.secrets ?? {})]) void new Secret(value);
    }
    return kit;
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

/** The master keys in a kit. Throws a sentence for a person. */
export function keysOf(kit: Kit): KeyRing {
  return parseRing(kit.master_keys.join("\n"));
}
