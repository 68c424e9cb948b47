import { expect, it } from "vitest";
import { registry } from "./registry.ts";
import { commandsPage } from "./render/docs.ts";

it("docs/commands.md says what the commands say", async () => {
  const commands = await Promise.all(registry.map((registered) => registered.load()));
  await expect(commandsPage(commands)).toMatchFileSnapshot("../../docs/commands.md");
});

it("every command is registered under its own name, with a summary that fits a line of help", async () => {
  for (const { name, load } of registry) {
    const command = await load();
    expect(command.name).toBe(name);
    expect(command.summary.length).toBeLessThanOrEqual(63);
  }
});
