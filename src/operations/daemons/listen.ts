import { failure } from "../../base/errors/error.ts";

const form = /^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/;

/** Takes `HOST:PORT` apart, IPv6 in brackets. Throws HF_USAGE. */
export function parseListen(text: string): { host: string; port: number } {
  const [, host, port] = form.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host: host.replaceAll(/[[\]]/g, ""), port: Number(port) };
  const detail = `--listen wants an address and a port, such as 127.0.0.1:8420 or [::1]:8420; this is ${JSON.stringify(text)}.`;
  throw failure("HF_USAGE", { detail, help: "holdfast serve --help" });
}
