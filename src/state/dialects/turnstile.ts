/** Lets one through at a time, in the order of asking. What is given lets the next one in. */
export type Turnstile = () => Promise<() => void>;

export function turnstile(): Turnstile {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    let leave = (): void => undefined;
    last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  };
}
