import { stateAnswers } from "../../state/queries/standing.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { version } from "../version.ts";

export interface Alive {
  status: "alive";
  version: string;
}

/** Answers while this process turns and its state can be read; throws what the state throws. */
export async function alive(holdfast: Pick<Holdfast, "state">): Promise<Alive> {
  await stateAnswers(holdfast.state);
  return { status: "alive", version };
}
