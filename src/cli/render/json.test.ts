import { expect, it } from "vitest";
import { problem } from "../../base/errors/error.ts";
import { Secret } from "../../base/secrets/secret.ts";
import { jsonDocument } from "./json.ts";

it("spells problems out wherever they are", () => {
  const found = problem("HF_SNAPSHOT_UNKNOWN", { snapshot: "abc" });
  expect(JSON.parse(jsonDocument({ apps: [{ problems: [found] }] }, false))).toEqual({
    apps: [
      {
        problems: [
          {
            code: "HF_SNAPSHOT_UNKNOWN",
            message: "No snapshot matches abc.",
            hint: "`holdfast list` shows what there is.",
            params: { snapshot: "abc" },
          },
        ],
      },
    ],
  });
});

it("holds no secret, also none whose signs JSON escapes", () => {
  const secret = new Secret('quo"ted\\secret');
  const text = jsonDocument({ detail: `found ${secret.reveal()} there`, secret }, true);
  expect(JSON.parse(text)).toEqual({ detail: "found [secret] there", secret: "[secret]" });
});
