import type { FastifyInstance } from "fastify";
import { malformed } from "./failures.ts";

/** Bodies are JSON and nothing else; one of no bytes is none, also when its type is announced. */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body: string, done) => {
    if (body === "") {
      done(null, undefined);
      return;
    }
    void parse(request, body, (error: Error | null, value?: unknown) => {
      if (error !== null) done(malformed(error));
      else if (isTooDeep(value)) done(malformed(new Error(`It is nested deeper than ${mostLevels} levels`)));
      else done(null, value);
    });
  });
}

/** More than any route wants; what reads a body after this may go into it by recursion. */
const mostLevels = 32;

/** Level by level: a megabyte of brackets is deeper than the stack. */
function isTooDeep(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; depth <= mostLevels; depth++) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}
