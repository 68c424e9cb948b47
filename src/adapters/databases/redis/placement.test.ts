import { expect, it } from "vitest";
import { placementFor } from "./placement.ts";

it("loads straight into databases that are empty", () => {
  expect(placementFor({ db0: 3, db2: 1 }, {}, 16)).toEqual({
    targets: new Map([
      ["db0", "db0"],
      ["db2", "db2"],
    ]),
    swaps: [],
    replaced: [],
  });
});

it("loads beside what is there, into a database that neither side uses, and empties what the dump did not hold", () => {
  expect(placementFor({ db0: 3, db15: 1 }, { db0: 9, db14: 2 }, 16)).toEqual({
    targets: new Map([
      ["db0", "db13"],
      ["db15", "db15"],
    ]),
    swaps: [["db0", "db13"]],
    replaced: ["db13", "db14"],
  });
});

it("has no place when every database is in use", () => {
  expect(placementFor({ db0: 3 }, { db0: 9, db1: 1 }, 2)).toBeUndefined();
});
