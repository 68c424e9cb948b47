import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { openApiOf, type Operation } from "../../src/api/openapi.ts";
import { allRoutes } from "../../src/api/routes.ts";
import { catalogue } from "../../src/base/errors/catalogue.ts";
import { rounds } from "../support/effort.ts";
import { engineNames, newTarget } from "../support/state-engines.ts";
import { backUp, startShop, type Shop } from "./support/backups.ts";
import { caseFor, diceOf, type Case, type Ground } from "./support/fuzz-values.ts";

const document = openApiOf(allRoutes);
const casesPerRoute = rounds({ short: 28, long: 300 });

/** Never asked here, and why. */
const tooSlow: Record<string, string> = {
  "POST /api/v1/backup/destinations/{id}/rotate-password":
    "restic works on keys for ten seconds; tests/api/destinations.test.ts",
};

interface Answered {
  status: number;
  type: string;
  text: string;
  ms: number;
}

async function ask(shop: Shop, token: string, method: string, { path, query, body, headers }: Case): Promise<Answered> {
  const began = performance.now();
  const gone = new AbortController();
  const response = await fetch(`${shop.url}${path}${query}`, {
    method,
    redirect: "manual",
    signal: gone.signal,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined || method === "GET" ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined || method === "GET" ? {} : { body }),
  });
  const type = response.headers.get("content-type") ?? "";
  // A stream of events never ends by itself.
  const endless = type.startsWith("text/event-stream");
  const text = endless ? "" : await response.text();
  gone.abort();
  return { status: response.status, type, text, ms: performance.now() - began };
}

/** Twice as long on both. */
const engines = engineNames.slice(0, rounds({ short: 1, long: 2 }));

test.each(engines)(
  "no request that anybody can make gets a 500, a stack trace or a secret (%s)",
  async (engine) => {
    const seed = Number(process.env["HOLDFAST_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    console.info(`fuzz: HOLDFAST_FUZZ_SEED=${seed}`);
    const target = await newTarget(engine);
    const shop = await startShop({ environment: typeof target === "string" ? {} : { DATABASE_URL: target.reveal() } });
    await backUp(shop);
    const token = await shop.token("admin");
    const dice = diceOf(seed);
    const ground: Ground = { dice, document, ids: await idsOf(shop), folder: shop.folder, secrets: new Set() };
    const fits = checkerOf();
    const answers: string[] = [];
    const slow = new Map<string, number>();
    const succeeded = new Set<string>();

    for (let round = 0; round < casesPerRoute; round++) {
      if (round % 10 === 9) ground.ids = await idsOf(shop);
      for (const [path, item] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(item)) {
          const name = `${method.toUpperCase()} ${path}`;
          if (tooSlow[name] !== undefined) continue;
          const spoilt = dice.chance(0.5);
          const asked = caseFor(ground, path, operation, spoilt);
          const answer = await ask(shop, token, method.toUpperCase(), asked);
          const told = {
            seed,
            name,
            asked,
            answer: { ...answer, text: answer.text.slice(0, 2000) },
            logged: shop.logged,
          };
          expect(shop.logged, JSON.stringify(told)).toEqual([]);
          expect(answer.status, JSON.stringify(told)).not.toBe(500);
          expect(answer.text, JSON.stringify(told)).not.toMatch(/\\n\s+at |node_modules|\.ts:\d+/);
          expect(fits(name, operation, answer), JSON.stringify(told)).toBe("");
          answers.push(answer.text);
          slow.set(name, Math.max(slow.get(name) ?? 0, answer.ms));
          if (answer.status < 300) succeeded.add(name);
        }
      }
    }
    const all = answers.join("\n");
    for (const secret of [...ground.secrets, ...(await secretsOf(shop)), token]) {
      expect(all.includes(secret), secret).toBe(false);
    }
    expect(all).not.toContain("$argon2id");
    const slowest = [...slow].sort(([, one], [, other]) => other - one).slice(0, 5);
    console.info(`fuzz: never done: ${[...slow.keys()].filter((name) => !succeeded.has(name)).join(", ")}`);
    console.info(
      `fuzz: ${answers.length} requests; slowest ${slowest.map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(", ")}`,
    );
  },
  3_600_000,
);

/** Ids of all that there is, but of the tokens: one of them is ours. */
async function idsOf(shop: Shop): Promise<Map<string, string[]>> {
  const kinds = ["destinations", "policies", "configurations", "apps", "snapshots", "runs", "devices", "users"];
  const found = kinds.map(async (kind) => {
    const { text } = await shop.send("GET", `/api/v1/${kind === "users" ? "auth" : "backup"}/${kind}`);
    return [kind, [...text.matchAll(/"id":"([0-9a-f-]{36})"/g)].map((match) => match[1] ?? "")] as const;
  });
  return new Map((await Promise.all(found)).map(([kind, ids]) => [kind, [...ids]]));
}

/** Everything that is sealed, and what seals it. */
async function secretsOf(shop: Shop): Promise<string[]> {
  const vault = await shop.holdfast.vault();
  const rows = await shop.holdfast.state.selectFrom("secrets").selectAll().execute();
  const key = readFileSync(shop.holdfast.home.masterKey, "utf8").trim();
  return [
    key,
    ...rows.filter(({ sealed }) => sealed.startsWith("v")).map((row) => vault.open(row.name, row.sealed).reveal()),
  ];
}

/** Says what about an answer is not as the document promises; the empty string when all is well. */
function checkerOf(): (name: string, operation: Operation, answer: Answered) => string {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "doc", components: document.components });
  return (name, { responses }, { status, type, text }) => {
    if (status >= 400 && responses[status] === undefined) {
      if (
        !type.startsWith("application/problem+json") &&
        !(name.includes("oidc/callback") && type.startsWith("text/html"))
      ) {
        return `a ${status} of the type ${type}`;
      }
      if (type.startsWith("text/html")) return "";
      const { code, status: said } = JSON.parse(text) as { code: string; status: number };
      return code in catalogue && said === status ? "" : `an unknown code ${code} or another status ${said}`;
    }
    const described = responses[status];
    if (described === undefined) return `a status that is not described: ${status}`;
    const schema = described.content?.["application/json"]?.schema;
    if (described.content === undefined) return text === "" ? "" : "a body where none is described";
    if (schema === undefined) return "";
    const pointed = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components')) as object;
    const check = ajv.compile(pointed);
    return check(JSON.parse(text)) ? "" : ajv.errorsText(check.errors);
  };
}
