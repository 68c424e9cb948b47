import { command } from "../command.ts";
import { exits } from "../../base/errors/entry.ts";
import { parseListen } from "../../operations/daemons/listen.ts";

export const serveCommand = command({
  name: "serve",
  summary: "run the daemon: schedule, API, alarms",
  description: [
    "Backs up every app on its policy's schedule, looks after the destinations, raises an alarm when an app has no fresh snapshot, and serves the API. It stays in the foreground; a second one on the same state shares the work.",
    "When it is told to stop, runs may go on for `daemon.grace` and are then cancelled cleanly. What is queued stays queued.",
  ],
  arguments: {},
  options: {
    listen: { kind: "value", value: "HOST:PORT", description: "instead of `daemon.listen` (127.0.0.1:8420)" },
  },
  examples: [
    { line: "holdfast serve", does: "on this machine's own address, 127.0.0.1:8420" },
    { line: "holdfast serve --listen 0.0.0.0:8420", does: "for the whole network; put TLS in front of it" },
  ],
  async run({ options, ...place }) {
    const listen = options.listen === undefined ? undefined : parseListen(options.listen);
    const { serveHere } = await import("../serve.ts");
    await serveHere(place, listen);
    return { exit: exits.success };
  },
});
