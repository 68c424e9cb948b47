/*
 * File names on Linux are bytes, and not always UTF-8. As text they are held the way Python's surrogateescape does it: a
 * byte that is no valid UTF-8 becomes the lone surrogate U+DC00 + byte, which no valid name can hold. Nothing is lost.
 */

const escapeBase = 0xdc00;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ascii = /^[\0-\x7f]*$/;
const escaped = /[\udc80-\udcff]/u;

/** A name's bytes, one per character (Node's encoding "latin1"), as text. */
export function nameFromLatin1(latin1: string): string {
  return ascii.test(latin1) ? latin1 : nameFromBytes(Buffer.from(latin1, "latin1"));
}

/** A name or path as text; `bytesOfName` gives the same bytes back. */
export function nameFromBytes(bytes: Buffer): string {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decodeEscaping(bytes);
  }
}

/** The bytes of a name or path that `nameFromBytes` made. */
export function bytesOfName(name: string): Buffer {
  if (!escaped.test(name)) return Buffer.from(name, "utf8");
  return Buffer.concat(
    Array.from(name, (character) => {
      const code = character.charCodeAt(0);
      const lone = character.length === 1 && code >= escapeBase + 0x80 && code <= escapeBase + 0xff;
      return lone ? Buffer.of(code - escapeBase) : Buffer.from(character, "utf8");
    }),
  );
}

/** What the file system calls take: the text itself, or bytes where text would not do. */
export function systemPath(path: string): string | Buffer {
  return escaped.test(path) ? bytesOfName(path) : path;
}

function decodeEscaping(bytes: Buffer): string {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? String.fromCharCode(escapeBase + (bytes[at] ?? 0)) : bytes.toString("utf8", at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the valid UTF-8 character that begins here; 0 when none does. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    const part = bytes.subarray(at, at + length);
    const text = part.toString("utf8");
    if (text !== "\ufffd" && Array.from(text).length === 1 && Buffer.from(text).equals(part)) return length;
    if (text === "\ufffd" && part.equals(Buffer.from("\ufffd"))) return length;
  }
  return 0;
}
