import { failure } from "../../base/errors/error.ts";

export interface Attempts {
  /** Counts an attempt before its outcome is known, so that many at once are many. Throws HF_TOO_MANY_ATTEMPTS. */
  begin(...keys: string[]): void;
  /** Whether these are refused and this is the first time that it is asked so since they are; of what is not, false. */
  isNewlyRefused(...keys: string[]): boolean;
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
  const noted = new Map<string, number>();
  const recent = (key: string): number[] => (begun.get(key) ?? []).filter((at) => now() - at < windowMs);
  return {
    begin(...keys) {
      for (const key of keys) {
        const [oldest, ...others] = recent(key);
        if (oldest === undefined || others.length + 1 < limitOf(key)) continue;
        throw failure("HF_TOO_MANY_ATTEMPTS", { seconds: Math.ceil((oldest + windowMs - now()) / 1000) });
      }
      for (const key of keys) {
        remember(begun, key, [...recent(key), now()]);
      }
    },
    isNewlyRefused(...keys) {
      const shut = keys.filter((key) => recent(key).length >= limitOf(key));
      const isNew = (key: string): boolean => now() - (noted.get(key) ?? -Infinity) >= windowMs;
      if (shut.length === 0 || !shut.every(isNew)) return false;
      for (const key of shut) remember(noted, key, now());
      return true;
    },
    forgive(...keys) {
      for (const key of keys) begun.delete(key);
    },
  };
}

/** The newest at the end. */
function remember<Value>(all: Map<string, Value>, key: string, value: Value): void {
  all.delete(key);
  all.set(key, value);
  const [oldest] = all.keys();
  if (all.size > mostKeys && oldest !== undefined) all.delete(oldest);
}

/**
 * Ten for an account from one address; thirty for an address, behind which there may be a household, or a proxy; a hundred
 * for an account from anywhere, so that one stranger alone cannot lock its owner out. Per quarter of an hour.
 */
export function signInAttempts(): Attempts {
  return attempts((key) => (key.startsWith("account:") ? 100 : key.startsWith("from ") ? 10 : 30), 15 * 60_000);
}

/** What an attempt at an account counts against, besides its address. */
export function accountKeys(name: string, address: string): string[] {
  return [`from ${addressKey(address)} account:${name}`, `account:${name}`];
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
