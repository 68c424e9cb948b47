import { inspect } from "node:util";

const known = new Set<string>();

/** Shorter values are not searched for in texts: they would blank out ordinary words. */
const shortestRedacted = 4;

/**
 * A secret value. It prints, serialises and interpolates as `[secret]`; only `reveal()` gives the value, and it is
 * called where a child's environment or a connection is made, nowhere else.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    if (value.length >= shortestRedacted) known.add(value);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}

/** Blanks out every secret that this process knows, also URL-encoded: for texts that come from other programs. */
export function redact(text: string): string {
  let clean = text;
  for (const value of known) {
    clean = clean.replaceAll(value, "[secret]");
    const encoded = encodeURIComponent(value);
    if (encoded !== value) clean = clean.replaceAll(encoded, "[secret]");
  }
  return clean;
}
