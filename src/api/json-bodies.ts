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
      if (error === null) done(null, value);
      else done(malformed(error));
    });
  });
}
