import { resolve } from "node:path";
import { lookAt } from "../../base/files/exists.ts";
import { declarationsStamp } from "../../state/queries/declarations.ts";
import { findConfig } from "./home.ts";
import type { Holdfast } from "./holdfast.ts";

/** Watches what is declared. */
export interface DeclarationWatch {
  /** Carries out `work` when what is declared may have changed since it last succeeded; throws what it throws. */
  ifChanged(holdfast: Holdfast, work: () => Promise<void>): Promise<void>;
}

/** Looks at the files that declare something and at a stamp in the state; reads nothing. */
export async function watchDeclarations(holdfast: Holdfast): Promise<DeclarationWatch> {
  let last = await stampOf(holdfast);
  return {
    async ifChanged(now, work) {
      const stamp = await stampOf(now);
      if (stamp === last) return;
      await work();
      last = stamp;
    },
  };
}

async function stampOf(holdfast: Holdfast): Promise<string> {
  const { environment, cwd, variables, state } = holdfast;
  const config = holdfast.config ?? findConfig(environment, undefined, cwd);
  const sets = variables["BACKUP_SETS_FILE"];
  const files = [config, ".env", sets].flatMap((name) =>
    name === undefined || name === "" ? [] : [resolve(cwd, name)],
  );
  const looks = await Promise.all(
    files.map(async (path) => {
      const stats = await lookAt(path);
      return stats === undefined ? `${path} is absent` : [path, stats.ino, stats.size, stats.mtimeMs].join(" ");
    }),
  );
  return [...looks, await declarationsStamp(state)].join("\n");
}
