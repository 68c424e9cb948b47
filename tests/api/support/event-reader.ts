import { get, type IncomingMessage } from "node:http";
import { once } from "node:events";

export interface Told {
  id?: number;
  event: string;
  data: Record<string, unknown>;
}

/** One connection to the events, read as it comes. */
export interface EventReader {
  told: Told[];
  answer: IncomingMessage;
  /** Resolves when enough was told; fails when the stream ends before. */
  until(enough: (told: Told[]) => boolean): Promise<void>;
  /** Resolves when the server has ended it, or it was cut. */
  closed: Promise<void>;
  /** Cuts the connection. */
  cut(): void;
}

/** Reads server-sent events as the standard says, one connection long. */
export async function readEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  const asking = get(url, { headers, agent: false });
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  const told: Told[] = [];
  const watchers = new Set<() => void>();
  let text = "";
  let over = false;
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  answer.setEncoding("utf8").on("data", (chunk: string) => {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop() ?? "";
    told.push(...blocks.map(parse).filter((one) => one !== undefined));
    changed();
  });
  answer.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    answer.once("close", () => {
      over = true;
      resolve();
      changed();
    });
  });
  return {
    told,
    answer,
    closed,
    cut: () => asking.destroy(),
    until: async (enough) =>
      await new Promise((resolve, reject) => {
        const look = (): void => {
          if (!enough(told) && !over) return;
          watchers.delete(look);
          if (enough(told)) resolve();
          else reject(new Error(`the stream ended after ${told.length} events`));
        };
        watchers.add(look);
        look();
      }),
  };
}

function parse(block: string): Told | undefined {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(": ") + 2)]),
  );
  const [id, data] = [fields.get("id"), fields.get("data")];
  if (data === undefined) return undefined;
  return {
    event: fields.get("event") ?? "message",
    data: JSON.parse(data) as Record<string, unknown>,
    ...(id === undefined ? {} : { id: Number(id) }),
  };
}
