import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";

export const configSchemaCommand = command({
  name: "config schema",
  summary: "print the JSON Schema of holdfast.yaml, for editors",
  arguments: {},
  options: {},
  examples: [
    {
      line: "holdfast config schema > holdfast.schema.json",
      does: "then name it in the first line of holdfast.yaml: # yaml-language-server: $schema=holdfast.schema.json",
    },
  ],
  async run() {
    const { configJsonSchema } = await import("../../operations/config/schema.ts");
    const schema = configJsonSchema();
    return { document: schema, lines: () => JSON.stringify(schema, null, 2).split("\n"), exit: exits.success };
  },
});
