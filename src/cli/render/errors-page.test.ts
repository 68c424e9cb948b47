import { expect, it } from "vitest";
import { catalogue } from "../../base/errors/catalogue.ts";
import { errorsPage } from "./errors-page.ts";

it("docs/errors.md says what the catalogue says", async () => {
  await expect(errorsPage()).toMatchFileSnapshot("../../../docs/errors.md");
});

it("every code of the catalogue has its section, once", () => {
  const told = errorsPage()
    .split("\n")
    .flatMap((line) => /^### (HF_\w+)$/.exec(line)?.[1] ?? []);
  expect(told.sort()).toEqual(Object.keys(catalogue).sort());
});
