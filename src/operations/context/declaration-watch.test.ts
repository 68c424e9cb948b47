import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { watchDeclarations } from "./declaration-watch.ts";
import { openHoldfast } from "./holdfast.ts";

it("a change is carried out once, and again when that failed", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "holdfast-watch-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const config = join(cwd, "holdfast.yaml");
  writeFileSync(config, "apps: {}\n");
  const environment = { HOLDFAST_HOME: join(cwd, "home"), PATH: process.env["PATH"] };
  await using holdfast = await openHoldfast({ environment, cwd, config, acting: true });
  const watch = await watchDeclarations(holdfast);
  let calls = 0;
  const work = async (): Promise<void> => {
    calls += 1;
    if (calls === 1) throw new Error("the state is away");
    await Promise.resolve();
  };
  await watch.ifChanged(holdfast, work);
  expect(calls).toBe(0);
  writeFileSync(config, "apps: { immich: { paths: [/srv] } }\n");
  await expect(watch.ifChanged(holdfast, work)).rejects.toThrow("the state is away");
  await watch.ifChanged(holdfast, work);
  await watch.ifChanged(holdfast, work);
  expect(calls).toBe(2);
});
