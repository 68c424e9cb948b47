import { randomBytes, scrypt } from "node:crypto";
import { z } from "zod";
import { keyBytes, masterKey, openText, sealText } from "./cipher.ts";
import { parseRing, ringText, type KeyRing } from "./key-ring.ts";
import type { Secret } from "./secret.ts";

/** 128 MiB of memory and a third of a second (OWASP's password storage cheat sheet: N=2^17, r=8, p=1). */
const usual = { cost: 2 ** 17, blockSize: 8, parallelization: 1 } as const;
const saltBytes = 16;
const sealName = "key ring";

/** A key ring that a master password opens, as it lies on disk. The bounds keep a wrong file from eating all memory. */
const sealedRing = z.strictObject({
  ring: z.literal(1),
  scrypt: z.strictObject({
    cost: z
      .int()
      .min(2 ** 14)
      .max(2 ** 20),
    block_size: z.int().min(1).max(32),
    parallelization: z.int().min(1).max(16),
    salt: z.string().min(16),
  }),
  sealed: z.string(),
});

/** Whether the text of a key file is a ring that is sealed under a master password. */
export function isSealedRing(text: string): boolean {
  return text.trimStart().startsWith("{");
}

/** Seals a ring under a master password, with a new salt. */
export async function sealRing(ring: KeyRing, password: Secret): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await keyFrom(password, salt, usual);
  const file: z.infer<typeof sealedRing> = {
    ring: 1,
    scrypt: {
      cost: usual.cost,
      block_size: usual.blockSize,
      parallelization: usual.parallelization,
      salt: salt.toString("base64"),
    },
    sealed: sealText(key, sealName, ringText(ring).reveal()),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Undefined when the password does not open it. Throws a sentence for a person when it is no sealed ring. */
export async function openRing(text: string, password: Secret): Promise<KeyRing | undefined> {
  const file = parse(text);
  const { cost, block_size: blockSize, parallelization, salt } = file.scrypt;
  const key = await keyFrom(password, Buffer.from(salt, "base64"), { cost, blockSize, parallelization });
  let opened: string;
  try {
    opened = openText(key, sealName, file.sealed);
  } catch {
    // GCM cannot tell a wrong key from a changed text; the first is what happens.
    return undefined;
  }
  return parseRing(opened);
}

function parse(text: string): z.infer<typeof sealedRing> {
  try {
    return sealedRing.parse(JSON.parse(text));
  } catch (error) {
    throw new Error("it is no key ring of this version of Holdfast", { cause: error });
  }
}

async function keyFrom(password: Secret, salt: Buffer, cost: Record<keyof typeof usual, number>) {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const maxmem = 128 * cost.cost * cost.blockSize * 2;
    scrypt(password.reveal().normalize("NFC"), salt, keyBytes, { ...cost, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
  return masterKey(bytes);
}
