import { failure } from "../../base/errors/error.ts";

export interface Attempts {
  /** Counts an attempt before its outcome is known, so that many at once are many. Throws HF_TOO_MANY_ATTEMPTS. */
  begin(...keys: string[]): void;
  /** It was right: what counted against these is forgotten. */
  forgive(...keys: string[]): void;
}

/** More than anyone's household: beyond it the oldest are forgotten, so that strangers cannot fill the memory. */
const mostKeys = 10_000;

/** Limits attempts per key: so many within the window. Kept in memory only. */
export function attempts(
  limitOf: (key: string) => number,
  windowMs: number,
  now: () => number = () => performance.now(),
): Attempts {
  const begun = new Map<string, number[]>();
  const recent = (key: string): number[] => (begun.get(key) ?? []).filter((at) => now() - at < windowMs);
  return {
    begin(...keys) {
      for (const key of keys) {
        const [oldest, ...others] = recent(key);
        if (oldest === undefined || others.length + 1 < limitOf(key)) continue;
        throw failure("HF_TOO_MANY_ATTEMPTS", { seconds: Math.ceil((oldest + windowMs - now()) / 1000) });
      }
      for (const key of keys) {
        const all = [...recent(key), now()];
        begun.delete(key);
        begun.set(key, all);
        const [first] = begun.keys();
        if (begun.size > mostKeys && first !== undefined) begun.delete(first);
      }
    },
    forgive(...keys) {
      for (const key of keys) begun.delete(key);
    },
  };
}

/** Ten for an account; thirty for an address, behind which there may be a household, or a proxy. Per quarter of an hour. */
export function signInAttempts(): Attempts {
  return attempts((key) => (key.startsWith("address:") ? 30 : 10), 15 * 60_000);
}

/** What counts as one address: of IPv6 the network, for a machine has as many addresses of it as it likes. */
export function addressKey(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return `address:${address.replace("::ffff:", "")}`;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const whole = [...groups, ...Array.from({ length: 8 - groups.length - rest.length }, () => "0"), ...rest];
  return `address:${whole.slice(0, 4).join(":")}`;
}
