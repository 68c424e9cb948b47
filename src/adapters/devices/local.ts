import { existsSync } from "node:fs";
import type { Command, Executor, Exit, Invocation, Io } from "../../base/process/command.ts";
import { childEnvironment } from "../../base/process/environment.ts";
import { execute } from "../../base/process/execute.ts";
import { ownerToken, thisProcess } from "../../base/process/owner.ts";

/** This machine. */
export function localDevice(): Executor {
  const wrap = (command: Command): Invocation => {
    const asUser: string[] = command.user === undefined ? [] : userSwitch(command.user);
    const [first = command.argv[0], ...rest] = [...asUser, ...command.argv];
    return {
      argv: [first, ...rest],
      env: childEnvironment(command.env, command.outlives === true ? undefined : ownerToken(thisProcess())),
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    };
  };
  return {
    wrap,
    run: (command: Command, io?: Io): Promise<Exit> => execute(wrap(command), io),
  };
}

/** runuser keeps the environment and needs no password, but only root may call it. */
function userSwitch(user: string): string[] {
  return existsSync("/usr/sbin/runuser")
    ? ["/usr/sbin/runuser", "-u", user, "--"]
    : ["sudo", "-n", "-E", "-u", user, "--"];
}
