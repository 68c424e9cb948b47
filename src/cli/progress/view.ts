import type { Listener } from "../../operations/run/listener.ts";

/** Shows what runs tell while they run. */
export interface View {
  listen: Listener;
  /** One line from us, such as that we are stopping. */
  note(line: string): void;
  stop(): void;
}
