import { expect, it } from "vitest";
import type { Holdfast } from "./holdfast.ts";
import { declaring } from "./redeclare.ts";

/** Readings that end when they are told to; each gives what was true when it began. */
function readings() {
  let truth = 0;
  const begun: { end: () => void; fail: () => void }[] = [];
  const read = async (before: Holdfast): Promise<Holdfast> => {
    const seen = { ...before, config: String(truth) };
    return await new Promise((resolve, reject) => {
      begun.push({ end: () => resolve(seen), fail: () => reject(new Error("unreadable")) });
    });
  };
  return { begun, read, change: () => void (truth += 1) };
}

// Nothing else of it plays a part here.
const opened = { config: "opened" } as Holdfast;

it("reads one after the other, and who comes while one waits shares it", async () => {
  const { begun, read, change } = readings();
  const declared = declaring(opened, read);
  const first = declared.redeclare();
  await expect.poll(() => begun.length).toBe(1);
  change();
  const later = [declared.redeclare(), declared.redeclare()];
  await Promise.resolve();
  expect(begun).toHaveLength(1);
  begun[0]?.end();
  await first;
  expect(declared.current().config).toBe("0");
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.end();
  await Promise.all(later);
  expect(declared.current().config).toBe("1");
  expect(begun).toHaveLength(2);
});

it("keeps what was read last when a reading fails, and reads on", async () => {
  const { begun, read } = readings();
  const declared = declaring(opened, read);
  const failing = declared.redeclare();
  await expect.poll(() => begun.length).toBe(1);
  begun[0]?.fail();
  await expect(failing).rejects.toThrow("unreadable");
  expect(declared.current()).toBe(opened);
  const next = declared.redeclare();
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.end();
  await next;
  expect(declared.current().config).toBe("0");
});
