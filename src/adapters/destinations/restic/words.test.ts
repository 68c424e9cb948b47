import { expect, test } from "vitest";
import { literalPattern } from "../../../domain/excludes/literal.ts";
import { resticWords } from "./quote.ts";

test("words are quoted whole, and those that restic's releases read differently are refused", () => {
  expect(resticWords(["-F", "/a folder/it's"])).toBe(`"-F" "/a folder/it's"`);
  expect(resticWords([`say "hi"`])).toBe(`'say "hi"'`);
  for (const word of ["", "a\\b", `both ' and "`, "two\nlines"]) {
    expect(() => resticWords([word])).toThrow(/cannot be handed to restic/);
  }
});

test("a path becomes the pattern that matches it alone", () => {
  expect(literalPattern("/a [b]*?\\c/{d}")).toBe("/a \\[b]\\*\\?\\\\c/{d}");
});
