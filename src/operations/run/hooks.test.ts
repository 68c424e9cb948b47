import { expect, it } from "vitest";
import { localDevice } from "../../adapters/devices/local.ts";
import { nameOfHook, runHook } from "./hooks.ts";

it("a hook is called by its program alone: its arguments may be secrets", async () => {
  expect(nameOfHook({ command: "curl -H 'Authorization: Bearer very-private' https://nas.lan" })).toBe("curl");
  expect(nameOfHook({ command: ["/usr/bin/curl", "very-private"] })).toBe("/usr/bin/curl");
  expect(nameOfHook({ command: "PASSWORD=very-private curl" })).toBe("sh");
  const hook = { command: "false very-private", limitMs: 5000 };
  const failed = runHook(localDevice(), "app", hook, { signal: new AbortController().signal, outlives: false });
  await expect(failed).rejects.toMatchObject({ problem: { code: "HF_HOOK_FAILED", params: { hook: "false" } } });
});
