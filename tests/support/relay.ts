import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A TCP relay of the running test's own: what stands between Holdfast and a server, and can be cut. */
export interface Relay {
  port: number;
  /** Cuts every connection, and lets new ones through or not. */
  cut(then: "open" | "closed"): void;
  /** Lets new connections through again. */
  mend(): void;
  /** Once: forwards what the client sends with this text in it, and cuts before the server's answer comes back. */
  cutAfter(text: string): void;
  /** Once: cuts instead of forwarding what the client sends with this text in it. */
  cutBefore(text: string): void;
}

export async function relayTo(host: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let open = true;
  let trap: { text: string; forward: boolean } | undefined;
  const server = createServer((client) => {
    if (!open) {
      client.destroy();
      return;
    }
    const upstream = connect(port, host);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
    };
    let answered = true;
    sockets.add(client);
    client.on("data", (data) => {
      if (trap === undefined || !data.includes(trap.text)) {
        upstream.write(data);
        return;
      }
      const { forward } = trap;
      trap = undefined;
      answered = false;
      if (forward) upstream.end(data);
      else end();
    });
    upstream.on("data", (data) => {
      if (answered) client.write(data);
      else end();
    });
    for (const socket of [client, upstream]) socket.on("close", end).on("error", end);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return {
    port: address.port,
    cut(then) {
      open = then === "open";
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      open = true;
    },
    cutAfter(text) {
      trap = { text, forward: true };
    },
    cutBefore(text) {
      trap = { text, forward: false };
    },
  };
}
