import { once } from "node:events";
import { connect } from "node:net";

/** An answer of the server: text, number, bytes, nothing, or a list of them. An error answer is thrown. */
export type Reply = Buffer | number | null | Reply[];

/** A connection that speaks Redis's protocol (RESP2), binary-safe, for a server on a local socket. */
export interface RespClient {
  /** Sends commands at once; gives their answers in order. Throws at the first error answer. */
  send(commands: (string | Buffer)[][]): Promise<Reply[]>;
  close(): void;
}

/** A command as it goes over the wire. */
export function encodeCommand(words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === "string" ? Buffer.from(word) : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

/** Connects to a Unix socket. Throws when nobody listens there. */
export async function connectResp(path: string): Promise<RespClient> {
  const socket = connect(path);
  await once(socket, "connect");
  const input = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let buffered: Buffer = Buffer.alloc(0);

  const more = async (): Promise<void> => {
    const next = await input.next();
    if (next.done === true) throw new Error("the server ended the connection");
    buffered = buffered.length === 0 ? next.value : Buffer.concat([buffered, next.value]);
  };
  const take = async (length: number): Promise<Buffer> => {
    while (buffered.length < length) await more();
    const taken = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return taken;
  };
  const line = async (): Promise<string> => {
    while (!buffered.includes("\r\n")) await more();
    const taken = await take(buffered.indexOf("\r\n") + 2);
    return taken.subarray(0, -2).toString();
  };
  const reply = async (): Promise<Reply> => {
    const head = await line();
    const rest = head.slice(1);
    switch (head[0]) {
      case "+":
        return Buffer.from(rest);
      case "-":
        throw new Error(rest);
      case ":":
        return Number(rest);
      case "$":
        return rest === "-1" ? null : (await take(Number(rest) + 2)).subarray(0, -2);
      case "*": {
        const items: Reply[] = [];
        for (let index = 0; index < Number(rest); index += 1) items.push(await reply());
        return items;
      }
      default:
        throw new Error(`unexpected answer ${JSON.stringify(head)}`);
    }
  };
  return {
    async send(commands) {
      socket.write(Buffer.concat(commands.map(encodeCommand)));
      const replies: Reply[] = [];
      while (replies.length < commands.length) replies.push(await reply());
      return replies;
    },
    close: () => void socket.destroy(),
  };
}
