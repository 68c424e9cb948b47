import { randomBytes } from "node:crypto";
import { argon2id, argon2Verify } from "hash-wasm";
import { failure } from "../../base/errors/error.ts";

// Plain texts, not `Secret`s: what a stranger tries must not become a word that is blanked out of our own texts.

/** OWASP ASVS 2.1.1. */
const leastCharacters = 12;

/** 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet, argon2id). */
const parameters = { memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32 };

/** A password for someone who will choose their own: 120 random bits. */
export function newPassword(): string {
  return randomBytes(15).toString("base64url");
}

/** argon2id, encoded with its parameters. Throws HF_PASSWORD_WEAK. */
export async function hashPassword(password: string): Promise<string> {
  const { length } = password;
  if (length < leastCharacters) throw failure("HF_PASSWORD_WEAK", { length, least: leastCharacters });
  return await argon2id({
    ...parameters,
    password: normal(password),
    salt: randomBytes(16),
    outputType: "encoded",
  });
}

/**
 * Whether this is the password. Where there is no hash, as long is worked for nothing: how long it takes must not tell who
 * is known here.
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const matches = await argon2Verify({ password: normal(password), hash: hash ?? nobodysHash });
  return matches && hash !== undefined;
}

/** The same characters, however the keyboard composed them. */
function normal(password: string): string {
  return password.normalize("NFKC");
}

/** Of a random password that nobody knows, with the same parameters. */
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$PL5DI5P4kZ+MTm8049UK6A$6okP9XzE1NLCZ48OxrQvI0blZT6TZP743p+zKaVJQ1w";
