import { jsonDocument } from "../render/json.ts";
import type { Channel } from "../terminal/channel.ts";
import type { View } from "./view.ts";

/** JSON lines: one object per event, with `type: "progress"`; the final document follows as the last line. */
export function jsonView(channel: Channel): View {
  return {
    listen: (subject, event) =>
      channel.write(jsonDocument({ type: "progress", at: new Date().toISOString(), subject, event }, false)),
    note: () => undefined,
    stop: () => undefined,
  };
}

export const silentView: View = { listen: () => undefined, note: () => undefined, stop: () => undefined };
