import { runCommandLine, tell, toTold } from "./run.ts";
import { channelTo, type Terminal } from "./terminal/channel.ts";

const argv = process.argv.slice(2);
const wishes = { environment: process.env, noColor: argv.includes("--no-color") };
const terminal: Terminal = {
  out: channelTo(process.stdout, wishes),
  err: channelTo(process.stderr, wishes),
  interactive: process.stdin.isTTY && process.stderr.isTTY,
};

process.on("uncaughtException", (error) => {
  process.exit(tell(toTold(error, process.env), argv.includes("--json"), terminal));
});
process.exitCode = await runCommandLine(argv, { terminal, environment: process.env, cwd: process.cwd() });
