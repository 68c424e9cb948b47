import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/*
 * restic's repository format, as far as it takes to write snapshot files by hand (restic's doc/design.rst, sections Keys
 * and Encryption). A snapshot by `restic backup` costs 0.7 s, almost all of it scrypt; written this way, thousands cost
 * nothing, and they hold any time and offset that a test wants. restic itself reads and judges them.
 */

interface Keys {
  encryption: Buffer;
  macKey: Buffer;
  macR: Buffer;
}

interface KeyFile {
  N: number;
  r: number;
  p: number;
  salt: string;
  data: string;
  [other: string]: unknown;
}

export interface HandmadeSnapshot {
  /** RFC 3339, with offset. */
  time: string;
  hostname: string;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

function derive(password: string, file: Pick<KeyFile, "N" | "r" | "p" | "salt">): Keys {
  const derived = scryptSync(password, Buffer.from(file.salt, "base64"), 64, {
    N: file.N,
    r: file.r,
    p: file.p,
    maxmem: 1 << 30,
  });
  return { encryption: derived.subarray(0, 32), macKey: derived.subarray(32, 48), macR: derived.subarray(48, 64) };
}

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x0${Buffer.from(bytes).reverse().toString("hex")}`);

/** Poly1305 with AES-128 of the nonce as its second half (D. J. Bernstein's Poly1305-AES). */
function poly1305Aes(message: Buffer, nonce: Buffer, keys: Keys): Buffer {
  const aes = createCipheriv("aes-128-ecb", keys.macKey, null).setAutoPadding(false);
  const s = littleEndian(aes.update(nonce));
  const r = littleEndian(keys.macR) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const prime = (1n << 130n) - 5n;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + littleEndian(block) + (1n << BigInt(8 * block.length))) * r) % prime;
  }
  const tag = (sum + s) & ((1n << 128n) - 1n);
  return Buffer.from(tag.toString(16).padStart(32, "0"), "hex").reverse();
}

function seal(plain: Buffer, keys: Keys): Buffer {
  const nonce = randomBytes(16);
  const text = createCipheriv("aes-256-ctr", keys.encryption, nonce).update(plain);
  return Buffer.concat([nonce, text, poly1305Aes(text, nonce, keys)]);
}

function open(sealed: Buffer, keys: Keys): Buffer {
  const text = sealed.subarray(16, -16);
  const nonce = sealed.subarray(0, 16);
  if (!poly1305Aes(text, nonce, keys).equals(sealed.subarray(-16))) throw new Error("wrong key or damaged file");
  return createDecipheriv("aes-256-ctr", keys.encryption, nonce).update(text);
}

const bytes = (text: unknown): Buffer => Buffer.from(String(text), "base64");

/**
 * Gives a repository that restic has just initialised a key that opens without cost (scrypt N=2), in place of its own,
 * and returns a function that writes snapshots into it.
 */
export async function cheapen(
  repository: string,
  password: string,
): Promise<(made: HandmadeSnapshot) => Promise<string>> {
  const folder = join(repository, "keys");
  const [name = ""] = await readdir(folder);
  const file = JSON.parse(await readFile(join(folder, name), "utf8")) as KeyFile;
  const plain = open(bytes(file.data), derive(password, file));
  const master = JSON.parse(plain.toString()) as { mac: { k: string; r: string }; encrypt: string };
  const cheap = { ...file, N: 2, r: 1, p: 1 };
  const cheapFile = Buffer.from(
    JSON.stringify({ ...cheap, data: seal(plain, derive(password, cheap)).toString("base64") }),
  );
  await writeFile(join(folder, sha256(cheapFile)), cheapFile);
  await rm(join(folder, name));

  const keys = { encryption: bytes(master.encrypt), macKey: bytes(master.mac.k), macR: bytes(master.mac.r) };
  return async (made) => {
    const snapshot = { ...made, tree: sha256(randomBytes(8)), paths: ["/nowhere"], username: "root" };
    const sealed = seal(Buffer.from(JSON.stringify(snapshot)), keys);
    const id = sha256(sealed);
    await mkdir(join(repository, "snapshots"), { recursive: true });
    await writeFile(join(repository, "snapshots", id), sealed);
    return id;
  };
}
