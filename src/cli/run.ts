import { catalogue } from "../base/errors/catalogue.ts";
import { exits, type ExitStatus } from "../base/errors/entry.ts";
import { isFailure, problem, render, toProblem, type Problem } from "../base/errors/error.ts";
import type { Answer, Command, Parsed, Tools } from "./command.ts";
import { onInterrupt, type Interrupt } from "./interrupt.ts";
import { choose } from "./choose.ts";
import { parse } from "./parse.ts";
import { jsonView, silentView } from "./progress/json.ts";
import { plainView } from "./progress/plain.ts";
import type { View } from "./progress/view.ts";
import { registry } from "./registry.ts";
import { jsonDocument } from "./render/json.ts";
import { asShown } from "./render/look.ts";
import { errorLines } from "./render/problems.ts";
import type { Channel, Terminal } from "./terminal/channel.ts";

export interface Surroundings {
  terminal: Terminal;
  environment: NodeJS.ProcessEnv;
  cwd: string;
}

/** One call of the command line, from its words to its exit status. Throws nothing. */
export async function runCommandLine(argv: readonly string[], around: Surroundings): Promise<ExitStatus> {
  const json = argv.includes("--json");
  try {
    const chosen = choose(argv);
    if (chosen.asks === "version") return print(around.terminal.out, [await ownVersion()]);
    if (chosen.asks === "overview") return await showOverview(around.terminal.out, chosen.group);
    if (chosen.asks === "help") return await showHelp(around.terminal.out, chosen.name);
    const command = await load(chosen.name);
    return await runCommand(command, parse(command, chosen.rest), around);
  } catch (error) {
    return tell(toTold(error, around.environment), json, around.terminal);
  }
}

async function showHelp(out: Channel, name: string): Promise<ExitStatus> {
  const { commandHelp } = await import("./render/help.ts");
  return print(out, commandHelp(out.look(), await load(name)));
}

async function showOverview(out: Channel, group: string | undefined): Promise<ExitStatus> {
  const { overview } = await import("./render/help.ts");
  const commands = await Promise.all(registry.map((registered) => registered.load()));
  return print(out, overview(out.look(), await ownVersion(), commands, group));
}

async function ownVersion(): Promise<string> {
  return (await import("../operations/version.ts")).version;
}

async function load(name: string): Promise<Command> {
  const registered = registry.find((one) => one.name === name);
  if (registered === undefined) throw new Error(`no command ${name}`);
  return await registered.load();
}

async function runCommand(command: Command, parsed: Parsed, around: Surroundings): Promise<ExitStatus> {
  const { terminal } = around;
  const json = parsed.options["json"] === true;
  const quiet = parsed.options["quiet"] === true;
  let view: View = silentView;
  const note = (line: string): void => {
    if (view === silentView) terminal.err.write(`${asShown(terminal.err.look(), line)}\n`);
    else view.note(line);
  };
  using interrupt = onInterrupt(note);
  const tools = await makeTools(parsed, around, { interrupt, note }, (shown) => {
    view.stop();
    view = shown;
  });
  let answer: Answer;
  try {
    answer = await command.run({ ...tools, ...parsed });
  } finally {
    view.stop();
  }
  if (json && "document" in answer) {
    const progress = parsed.options["progress"] === true;
    terminal.out.write(jsonDocument(answer.document, terminal.out.tty && !progress));
  } else if (!json && !quiet) print(terminal.out, answer.lines?.(terminal.out.look()) ?? []);
  else if (!json) print(terminal.err, answer.problems?.(terminal.err.look()) ?? []);
  return answer.exit;
}

async function makeTools(
  parsed: Parsed,
  around: Surroundings,
  { interrupt, note }: { interrupt: Interrupt; note: (line: string) => void },
  shown: (view: View) => void,
): Promise<Tools> {
  const { terminal, environment, cwd } = around;
  const { options } = parsed;
  const json = options["json"] === true;
  const config = typeof options["config"] === "string" ? options["config"] : undefined;
  const live = terminal.err.tty ? (await import("./progress/live.ts")).liveView : undefined;
  const viewFor = (title: string, expected: readonly string[]): View => {
    if (json) return options["progress"] === true ? jsonView(terminal.out) : silentView;
    if (options["quiet"] === true) return silentView;
    return live === undefined ? plainView(terminal.err) : live(terminal.err, title, expected);
  };
  return {
    json,
    cwd,
    now: new Date(),
    signal: interrupt.signal,
    look: () => terminal.out.look(),
    async open(acting, { daemon = false } = {}) {
      const { openHoldfast } = await import("../operations/context/holdfast.ts");
      const holdfast = await openHoldfast({ environment, cwd, config, acting, daemon });
      if (daemon || !holdfast.acting || holdfast.declared.notifications.length === 0) return holdfast;
      const { withCourier } = await import("../operations/notify/courier.ts");
      return withCourier(holdfast, interrupt.signal, (found) => note(render(found).message));
    },
    watch(title, expected = []) {
      const view = viewFor(title, expected);
      shown(view);
      return { signal: interrupt.signal, listen: view.listen };
    },
    say(line) {
      // What is drawn over and over would draw over this.
      shown(silentView);
      terminal.out.write(`${line}\n`);
      return !terminal.out.closed;
    },
    async confirm(question) {
      if (!terminal.interactive || json) return undefined;
      const { confirm } = await import("./terminal/confirm.ts");
      return await confirm(question, interrupt.signal);
    },
  };
}

/** What is said of a thrown thing. A bug's stack is shown only to who asks for it with HOLDFAST_DEBUG=1. */
export function toTold(error: unknown, environment: NodeJS.ProcessEnv): Problem {
  const debug = (environment["HOLDFAST_DEBUG"] ?? "") !== "";
  if (isFailure(error) && !debug) return error.problem;
  const found = toProblem(error);
  if (isFailure(error) || found.code !== "HF_INTERNAL") return found;
  if (debug) return found;
  const detail = error instanceof Error ? error.message : String(error);
  return problem("HF_INTERNAL", { detail: `${detail} (HOLDFAST_DEBUG=1 shows where.)` });
}

/** Says what ended a command: on standard output as a document, else on standard error. */
export function tell(found: Problem, json: boolean, terminal: Terminal): ExitStatus {
  if (json) terminal.out.write(jsonDocument({ error: found }, terminal.out.tty));
  else print(terminal.err, errorLines(terminal.err.look(), found));
  return catalogue[found.code].exit;
}

function print(channel: Channel, lines: readonly string[]): ExitStatus {
  const look = channel.look();
  if (lines.length > 0) channel.write(lines.map((line) => `${asShown(look, line)}\n`).join(""));
  return exits.success;
}
