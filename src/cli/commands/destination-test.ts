import { command } from "../command.ts";
import { destinationTestLines } from "../render/destination-test.ts";
import { destinationAnswer } from "../upkeep.ts";

export const destinationTestCommand = command({
  name: "destination test",
  summary: "try whether destinations keep their promises",
  description: [
    "Opens each with its credentials, and with those of maintenance. Of an S3 bucket it reads versioning and object lock and warns where they and `append_only` differ. It reads only.",
  ],
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only these; none means all" } },
  options: {},
  examples: [
    { line: "holdfast destination test", does: "every destination" },
    { line: "holdfast destination test b2", does: "one destination" },
  ],
  async run({ arguments: { destinations }, open, watch }) {
    const { testDestinations } = await import("../../operations/destination-test/test.ts");
    await using holdfast = await open(false);
    const tests = await testDestinations(holdfast, destinations, watch("Looking", destinations));
    return destinationAnswer(tests, destinationTestLines);
  },
});
