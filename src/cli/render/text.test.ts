import { describe, expect, it } from "vitest";
import { Secret } from "../../base/secrets/secret.ts";
import { paint } from "./look.ts";
import { fit, listing, oneLine, printable, widthOf, wrap } from "./text.ts";

describe("widthOf", () => {
  it("counts columns, not characters", () => {
    expect(widthOf("immich")).toBe(6);
    expect(widthOf("写真")).toBe(4);
    expect(widthOf("e\u0301")).toBe(1);
  });

  it("leaves colours out", () => {
    expect(widthOf(paint({ color: true, unicode: true, columns: 80 }, "failed", "four"))).toBe(4);
  });
});

describe("fit", () => {
  it("cuts at the end, or in the middle for paths", () => {
    expect(fit("paperless-documents", 10)).toBe("paperless…");
    expect(fit("/srv/immich/upload/2024/img.jpg", 16, "middle")).toBe("/srv/…24/img.jpg");
  });

  it("never gives more columns than asked for, also of wide characters", () => {
    for (let width = 0; width < 12; width += 1) {
      expect(widthOf(fit("写真写真写真", width))).toBeLessThanOrEqual(width);
      expect(widthOf(fit("写真写真写真", width, "middle"))).toBeLessThanOrEqual(width);
    }
  });
});

describe("wrap", () => {
  it("breaks at spaces and cuts what is longer than a line", () => {
    expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
    expect(wrap("x".repeat(25), 10)).toEqual(["x".repeat(10), "x".repeat(10), "x".repeat(5)]);
  });

  it("does not break a command in backticks", () => {
    expect(wrap("Now run (`holdfast backup --init`) again", 32)).toEqual([
      "Now run",
      "(`holdfast backup --init`) again",
    ]);
  });

  it("loses nothing of a text with a single backtick", () => {
    expect(wrap("a `b c", 20)).toEqual(["a `b c"]);
  });

  it("gives one empty line for nothing", () => {
    expect(wrap("", 20)).toEqual([""]);
  });
});

describe("printable", () => {
  it("shows control characters instead of sending them to the terminal", () => {
    expect(printable("a\nb\u001b[31mc")).toBe("a\\nb\\x1b[31mc");
  });
});

it("makes one line of another program's many", () => {
  expect(oneLine("Fatal: no\n  such host\n")).toBe("Fatal: no such host");
});

it("lists names as a person would", () => {
  expect(listing(["a"])).toBe("a");
  expect(listing(["a", "b"])).toBe("a and b");
  expect(listing(["a", "b", "c"])).toBe("a, b and c");
  expect(listing(["a", "b", "c", "d", "e"])).toBe("a, b and 3 more");
});

it("blanks out a secret before it could be broken over two lines", () => {
  const secret = new Secret("two words");
  expect(wrap(oneLine(`the password ${secret.reveal()} is wrong`), 16).join(" ")).toBe(
    "the password [secret] is wrong",
  );
});
