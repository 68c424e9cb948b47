import { array, assert, dictionary, integer, jsonValue, nat, property, string } from "fast-check";
import { expect, test } from "vitest";
import { ObjectSplitter } from "./objects.ts";

function split(text: string, sizes: readonly number[]): string[] {
  const splitter = new ObjectSplitter();
  const found: string[] = [];
  let at = 0;
  for (let index = 0; at < text.length; index += 1) {
    const size = sizes.length === 0 ? text.length : (sizes[index % sizes.length] ?? 1);
    found.push(...splitter.push(text.slice(at, at + size)));
    at += size;
  }
  expect(splitter.unfinished).toBe(false);
  return found;
}

test("gives the objects of an array, however its text is cut into chunks", () => {
  const objects = array(dictionary(string(), jsonValue()), { maxLength: 5 });
  const sizes = array(integer({ min: 1, max: 9 }), { maxLength: 8 });
  assert(
    property(objects, sizes, nat(3), (values, sizes, indent) => {
      const text = JSON.stringify(values, null, indent);
      expect(split(text, sizes).map((part): unknown => JSON.parse(part))).toEqual(JSON.parse(text));
    }),
  );
});

test("passes over what stands in front of the array", () => {
  expect(split('created new cache in "/a"\n[{"a":"}\\""}]', [1])).toEqual(['{"a":"}\\""}']);
});

test("knows when the text ends within an object", () => {
  const splitter = new ObjectSplitter();
  expect([...splitter.push('[{"a":1},{"b"')]).toEqual(['{"a":1}']);
  expect(splitter.unfinished).toBe(true);
});
