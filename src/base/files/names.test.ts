import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOfName, nameFromBytes, nameFromLatin1 } from "./names.ts";
import { slices, sortInSlices } from "./slices.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 12 }).map((text) => new Uint8Array(Buffer.from(text))),
  // Nearly UTF-8: cut characters, encoded surrogates, the replacement character itself.
  fc
    .array(
      fc.constantFrom([0xed, 0xa0, 0x80], [0xef, 0xbf, 0xbd], [0xf0, 0x9f], [0xc3], [0xc3, 0xbc], [0x41], [0xff]),
      { maxLength: 8 },
    )
    .map((parts) => new Uint8Array(parts.flat())),
);

describe("names", () => {
  it("bring every sequence of bytes back", () => {
    fc.assert(
      fc.property(bytes, (raw) => {
        const buffer = Buffer.from(raw);
        expect(bytesOfName(nameFromBytes(buffer)).equals(buffer)).toBe(true);
        expect(nameFromLatin1(buffer.toString("latin1"))).toBe(nameFromBytes(buffer));
      }),
      { numRuns: 2000 },
    );
  });

  it("are plain text where they are UTF-8", () => {
    expect(nameFromBytes(Buffer.from("日本 ü\ufeff\ufffd"))).toBe("日本 ü\ufeff\ufffd");
  });
});

describe("sortInSlices", () => {
  it("sorts as the plain sort does, whatever the length", async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `n${(index * 7919) % 20_011}`);
    expect(await sortInSlices([...names], slices(undefined))).toEqual(names.toSorted());
  });
});
