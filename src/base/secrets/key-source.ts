import { existsSync, statSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { failure } from "../errors/error.ts";
import { writeAtomically } from "../files/atomic.ts";
import { ringOf, parseRing, ringText, type KeyRing } from "./key-ring.ts";
import { isSealedRing, openRing, sealRing } from "./sealed-ring.ts";
import { Secret } from "./secret.ts";

/** Where the master key comes from: a systemd credential, which only systemd changes, or a file of ours. */
export type KeySource = { kind: "credential"; path: string } | KeyFile;

export interface KeyFile {
  kind: "file";
  path: string;
  /** With one the file holds a ring that it opens; without, the keys themselves. */
  password?: Secret;
}

const credential = "holdfast-master-key";

/**
 * $CREDENTIALS_DIRECTORY/holdfast-master-key, else $HOLDFAST_MASTER_KEY_FILE, else `usual`; files with the password of
 * $HOLDFAST_MASTER_PASSWORD or $HOLDFAST_MASTER_PASSWORD_FILE, when there is one. Throws HF_MASTER_KEY.
 */
export async function findKeySource(environment: NodeJS.ProcessEnv, usual: string): Promise<KeySource> {
  const credentials = environment["CREDENTIALS_DIRECTORY"];
  if (credentials !== undefined && existsSync(join(credentials, credential))) {
    return { kind: "credential", path: join(credentials, credential) };
  }
  const named = environment["HOLDFAST_MASTER_KEY_FILE"] ?? "";
  const password = await masterPassword(environment);
  return {
    kind: "file",
    path: named === "" ? usual : resolve(named),
    ...(password === undefined ? {} : { password }),
  };
}

async function masterPassword(environment: NodeJS.ProcessEnv): Promise<Secret | undefined> {
  const given = environment["HOLDFAST_MASTER_PASSWORD"] ?? "";
  if (given !== "") return new Secret(given);
  const file = environment["HOLDFAST_MASTER_PASSWORD_FILE"] ?? "";
  return file === "" ? undefined : await passwordIn(file);
}

/** The password in a file, without the line end. Throws HF_MASTER_KEY. */
export async function passwordIn(path: string): Promise<Secret> {
  const password = ((await readKeyFile(path)) ?? "").replace(/\r?\n$/, "");
  if (password !== "") return new Secret(password);
  throw failure("HF_MASTER_KEY", { path, detail: "the file that is to hold the master password is missing or empty" });
}

/**
 * Reads the ring. Undefined when there is none yet, which only a file may be. Throws HF_MASTER_KEY, HF_MASTER_PASSWORD.
 */
export async function readRing(source: KeySource): Promise<KeyRing | undefined> {
  const { path } = source;
  const text = await readKeyFile(path);
  if (text === undefined) return undefined;
  try {
    if (source.kind === "credential") return withOld(parseRing(text), await readKeyFile(`${path}.old`));
    if (!isSealedRing(text)) return parseRing(text);
    const ring = source.password === undefined ? undefined : await openRing(text, source.password);
    if (ring !== undefined) return ring;
  } catch (error) {
    throw failure("HF_MASTER_KEY", { path, detail: error instanceof Error ? error.message : "" }, { cause: error });
  }
  throw failure("HF_MASTER_PASSWORD", {
    path,
    detail: source.password === undefined ? "none is given" : "the one that is given does not open it",
  });
}

function withOld(ring: KeyRing, old: string | undefined): KeyRing {
  return old === undefined ? ring : (ringOf([...ring, ...parseRing(old)]) ?? ring);
}

/** Writes the ring, on disk for good. With `exclusive` one that is there already stays. Throws HF_MASTER_KEY. */
export async function writeRing(source: KeyFile, ring: KeyRing, options: { exclusive?: boolean } = {}): Promise<void> {
  const { path, password } = source;
  const text = password === undefined ? ringText(ring).reveal() : await sealRing(ring, password);
  try {
    // Only what is missing is made: a folder that a person named is theirs.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeAtomically(path, text, { mode: 0o600, ...options });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Whether the ring lies in the open in its file although a master password is given. */
export async function liesOpen(source: KeySource): Promise<boolean> {
  if (source.kind === "credential" || source.password === undefined) return false;
  const text = await readKeyFile(source.path);
  return text !== undefined && !isSealedRing(text);
}

/** Tells one content of the source from the next, without reading it. */
export function stampOf({ path }: KeySource): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): Error {
  const detail = error instanceof Error ? error.message : String(error);
  return failure("HF_MASTER_KEY", { path, detail }, { cause: error });
}
