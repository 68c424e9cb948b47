import { z } from "zod";
import { openApiOf, type OpenApi } from "../openapi.ts";
import { errorsPage } from "../reference/errors.ts";
import { referencePage } from "../reference/reference.ts";
import { style } from "../reference/style.ts";
import { route, type Route } from "../route.ts";

const tag = "About this API";
const page = { media: "text/html; charset=utf-8" };

/** The API's description of itself: of all the other routes and of these. Nothing of it is secret. */
export function docsRoutes(others: readonly Route[]): readonly Route[] {
  let made: OpenApi | undefined;
  const document = (): OpenApi => (made ??= openApiOf([...others, ...routes]));
  const routes: readonly Route[] = [
    route({
      method: "GET",
      path: "/api/v1/openapi.json",
      access: "open",
      tag,
      summary: "This API as an OpenAPI 3.1 document",
      answers: { 200: z.record(z.string(), z.unknown()) },
      run: async () => document(),
    }),
    route({
      method: "GET",
      path: "/api/docs",
      access: "open",
      tag,
      summary: "This API as a page",
      answers: { 200: page },
      run: async () => referencePage(document()),
    }),
    route({
      method: "GET",
      path: "/api/docs/style.css",
      access: "open",
      tag,
      summary: "How the pages look",
      answers: { 200: { media: "text/css; charset=utf-8" } },
      run: async () => style,
    }),
    route({
      method: "GET",
      path: "/errors",
      access: "open",
      tag,
      summary: "Every error and what to do about it",
      answers: { 200: page },
      run: async () => errorsPage(),
    }),
  ];
  return routes;
}
