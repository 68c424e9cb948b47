import type { Look } from "../../src/cli/render/look.ts";
import type { Channel, Terminal } from "../../src/cli/terminal/channel.ts";

/** A terminal that keeps what is written to it, for tests. */
export interface MemoryTerminal extends Terminal {
  outText(): string;
  errText(): string;
}

export function memoryTerminal(look: Look = { color: false, unicode: true, columns: 80 }): MemoryTerminal {
  const written = { out: "", err: "" };
  const channel = (name: keyof typeof written): Channel => ({
    tty: false,
    closed: false,
    look: () => look,
    rows: () => 24,
    write(text) {
      written[name] += text;
    },
    onResize: () => () => undefined,
  });
  return {
    out: channel("out"),
    err: channel("err"),
    interactive: false,
    outText: () => written.out,
    errText: () => written.err,
  };
}
