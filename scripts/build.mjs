import "./support/node-version.mjs";
import { build } from "./support/checkout.mjs";
import { main } from "./support/steps.mjs";

await main(async () => {
  await build();
  return 0;
});
