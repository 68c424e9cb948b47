import { expect, it } from "vitest";
import { livenessOf, thisProcess } from "./owner.ts";

it("says of an owner whether it lives, and of those it cannot see that it does not know", () => {
  const own = thisProcess();
  const { pidNamespace: _none, ...earlier } = own;
  expect(livenessOf(own)).toBe("alive");
  expect(livenessOf(earlier)).toBe("alive");
  expect(livenessOf({ ...own, startTime: "0" })).toBe("dead");
  expect(livenessOf({ ...own, bootId: "before the reboot" })).toBe("dead");
  expect(livenessOf({ ...own, node: "another-node" })).toBe("unknown");
  // Two containers of one name: the pid means another process there.
  expect(livenessOf({ ...own, pidNamespace: "pid:[1]", startTime: "0" })).toBe("unknown");
});
