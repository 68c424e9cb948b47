import { localDevice } from "../../src/adapters/devices/local.ts";
import type { Command, Executor } from "../../src/base/process/command.ts";

/** This machine, remembering every command that it was asked to run. */
export function recordingExecutor(): Executor & { commands: Command[] } {
  const device = localDevice();
  const commands: Command[] = [];
  return {
    commands,
    wrap: (command) => device.wrap(command),
    run: (command, io) => {
      commands.push(command);
      return device.run(command, io);
    },
  };
}
