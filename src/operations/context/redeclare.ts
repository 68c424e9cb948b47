import { readInventory, readSources } from "./declared.ts";
import { findConfig } from "./home.ts";
import type { Holdfast } from "./holdfast.ts";

/**
 * The same Holdfast with everything declared read anew: files, environment and what the API declared. What uses the older
 * one goes on with what was declared then; both share the state and everything else.
 */
export async function redeclare(holdfast: Holdfast): Promise<Holdfast> {
  const { environment, cwd, deviceName: device, home } = holdfast;
  const config = holdfast.config ?? findConfig(environment, undefined, cwd);
  const sources = await readSources({ home: home.root, device, config, environment, cwd });
  const ground = { home: home.root, device, sources, stored: holdfast.stored };
  const declared = await readInventory(ground, holdfast.state);
  return { ...holdfast, config, sources, variables: sources.variables, declared };
}

/** What is declared now, as it changes. */
export interface Declaring {
  current: () => Holdfast;
  /** Resolves when everything that was declared before the call is in `current`. */
  redeclare(): Promise<void>;
}

/** Reads one after the other, so that an older reading never takes the place of a newer; who comes meanwhile shares the next. */
export function declaring(opened: Holdfast, read: typeof redeclare = redeclare): Declaring {
  let current = opened;
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    current: () => current,
    async redeclare() {
      if (next === undefined) {
        next = last.then(async () => {
          next = undefined;
          current = await read(current);
        });
        last = next.catch(() => undefined);
      }
      await next;
    },
  };
}
