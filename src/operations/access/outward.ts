import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { failure } from "../../base/errors/error.ts";

const forbidden = new BlockList();
forbidden.addSubnet("0.0.0.0", 8);
forbidden.addSubnet("169.254.0.0", 16); // link-local; the metadata of AWS, Azure, Google, Hetzner, …
forbidden.addAddress("100.100.100.200"); // Alibaba's metadata
forbidden.addAddress("168.63.129.16"); // Azure's wire server
forbidden.addAddress("192.0.0.192"); // Oracle's metadata
forbidden.addSubnet("224.0.0.0", 3); // multicast and what is reserved
forbidden.addAddress("::", "ipv6");
forbidden.addSubnet("fe80::", 10, "ipv6"); // link-local
forbidden.addAddress("fd00:ec2::254", "ipv6"); // AWS's metadata
forbidden.addAddress("fd20:ce::254", "ipv6"); // Google's metadata
forbidden.addSubnet("ff00::", 8, "ipv6"); // multicast

export type Resolve = (name: string) => Promise<string[]>;

const resolveHere: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * Lets an address that a user gives pass (`https://host:port/path` or `host:port/path`) unless it is a file, a link-local or
 * a metadata address, by itself or by what its name means here. Loopback and private networks are a homelab's own and pass;
 * so does a name that nobody knows here: connecting to it says so better. What a name means later cannot be known.
 * Throws HF_ADDRESS_REFUSED.
 */
export async function checkOutward(address: string, resolve: Resolve = resolveHere): Promise<void> {
  const refuse = (reason: string) => failure("HF_ADDRESS_REFUSED", { address: withoutUser(address), reason });
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
  if (!URL.canParse(text)) throw refuse("it cannot be read");
  const url = new URL(text);
  if (!["http:", "https:"].includes(url.protocol)) throw refuse(`${url.protocol} is not http: or https:`);
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  // Clients of databases take a list of hosts; what is looked up here would be none of them.
  if (host.includes(",")) throw refuse("it names several hosts");
  if (isIP(host) !== 0) {
    if (isForbidden(host)) throw refuse("it is a link-local, metadata or multicast address");
    return;
  }
  if (/(^|\.)metadata(\.google\.internal)?\.?$/.test(host)) throw refuse("it is the name of a metadata service");
  for (const found of await resolve(host).catch(unknownHere)) {
    if (isForbidden(found)) throw refuse(`its name means ${found}, a link-local, metadata or multicast address`);
  }
}

/**
 * Asks an HTTP server that `checkOutward` let pass once, and refuses it when it sends elsewhere: restic would follow it to
 * wherever that is. Against a server that means harm only its being watched helps: it can answer restic otherwise. One that
 * does not answer passes: connecting to it says better why. Throws HF_ADDRESS_REFUSED.
 */
export async function checkStays(address: string, signal: AbortSignal): Promise<void> {
  const url = new URL("config", address.endsWith("/") ? address : `${address}/`);
  let status: number;
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    status = (await fetch(url, { method: "HEAD", redirect: "manual", signal: within })).status;
  } catch (error) {
    const noAnswer = error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError");
    if (noAnswer && !signal.aborted) return;
    throw error;
  }
  if (status < 300 || status > 399) return;
  throw failure("HF_ADDRESS_REFUSED", { address: withoutUser(address), reason: `it sends elsewhere (HTTP ${status})` });
}

const answerMs = 10_000;

function isForbidden(ip: string): boolean {
  const inner = embedded(ip);
  if (inner !== undefined) return forbidden.check(inner);
  return forbidden.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4");
}

/** The IPv4 address within ::ffff:0:0/96 and 64:ff9b::/96 (RFC 4291, RFC 6052). */
function embedded(ip: string): string | undefined {
  if (isIP(ip) !== 6) return undefined;
  const url = new URL(`http://[${ip.split("%")[0]}]/`).hostname.slice(1, -1);
  const found = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(url);
  if (found === null) return undefined;
  const [high, low] = [Number.parseInt(found[1] ?? "", 16), Number.parseInt(found[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

function unknownHere(error: unknown): string[] {
  const codes = ["ENOTFOUND", "EAI_AGAIN", "ENODATA", "ESERVFAIL", "ETIMEOUT"];
  if (error instanceof Error && "code" in error && codes.includes(String(error.code))) return [];
  throw error;
}

function withoutUser(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//");
}
