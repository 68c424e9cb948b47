import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { idOf } from "../../src/domain/ids.ts";
import { createToken } from "../../src/operations/access/tokens.ts";
import type { Holdfast } from "../../src/operations/context/holdfast.ts";
import type { Benchmark } from "../benchmark.ts";
import { benchedDaemon } from "../support/daemon.ts";
import { rememberHistory } from "../support/history.ts";

const perSecond = 50;
const base = "/api/v1/backup";

/** How long people and programs wait for the API over a long history. */
export const api: Benchmark = {
  name: "api",
  summary: `reads of a daemon with 1,000 apps and 100,000 snapshots, ${perSecond} a second`,
  async run({ folder, rounds, quick, restic, say }) {
    const [count, nights, seconds] = quick ? [5, 5, 1] : [1000, 50, 20];
    const apps = Array.from({ length: count }, (_, index) => `app${index + 1}`);
    const benched = await benchedDaemon(folder, restic, apps, ["nas", "usb"]);
    say(`writing ${count * nights * 2} snapshots into the state`);
    const { token, reads } = await prepare(await benched.open(), apps, nights);
    const daemon = await benched.start();
    const lists: number[] = [];
    const details: number[] = [];
    const scrapes: number[] = [];
    const memory: number[] = [];
    try {
      const ask = asking(daemon.address, token);
      for (const path of [...reads.lists, ...reads.details, "/metrics"]) await ask(path);
      for (let round = 0; round < rounds; round += 1) {
        say(`round ${round + 1} of ${rounds}`);
        const times = await underLoad(ask, reads, seconds);
        lists.push(percentile(times.lists, 0.99));
        details.push(percentile(times.details, 0.99));
        scrapes.push(await ask("/metrics"));
        memory.push(daemon.memory());
      }
    } finally {
      await daemon.stop();
    }
    return [
      { name: "lists, 99 of 100", unit: "s", limit: 0.05, samples: lists },
      { name: "details, 99 of 100", unit: "s", limit: 0.05, samples: details },
      { name: "/metrics", unit: "s", limit: 0.1, samples: scrapes },
      { name: "memory right after the load", unit: "MB", limit: 250, samples: memory },
    ];
  },
};

interface Reads {
  lists: string[];
  details: string[];
}

async function prepare(holdfast: Holdfast, apps: string[], nights: number): Promise<{ token: string; reads: Reads }> {
  await using opened = holdfast;
  await rememberHistory(opened.state, { apps, destinations: ["nas", "usb"], nights });
  const { value } = await createToken(opened, { name: "bench", scope: "read", createdBy: "bench" });
  const snapshots = await opened.state.selectFrom("snapshots").select("id").orderBy("id").limit(500).execute();
  const runs = await opened.state.selectFrom("runs").select("id").orderBy("id").limit(200).execute();
  const some = apps.filter((_, index) => index % Math.ceil(apps.length / 200) === 0);
  const app = (name: string): string => idOf("app", name);
  return {
    token: value,
    reads: {
      lists: [
        `${base}/snapshots`,
        `${base}/snapshots?status=success`,
        `${base}/snapshots?destination_id=${idOf("destination", "usb")}`,
        ...some.slice(0, 50).map((name) => `${base}/snapshots?app_id=${app(name)}`),
        `${base}/apps`,
        `${base}/configurations`,
        `${base}/runs`,
        `${base}/destinations`,
        `${base}/policies`,
      ],
      details: [
        ...snapshots.map(({ id }) => `${base}/snapshots/${id}`),
        ...runs.map(({ id }) => `${base}/runs/${id}`),
        ...some.map((name) => `${base}/apps/${app(name)}`),
        ...some.map((name) => `${base}/configurations/${idOf("configuration", name)}`),
        ...["nas", "usb"].map((name) => `${base}/destinations/${idOf("destination", name)}`),
        `${base}/policies/${idOf("policy", "default")}`,
      ],
    },
  };
}

type Ask = (path: string) => Promise<number>;

/** Asks over kept connections, reads the answer to its end, and gives the seconds that it took. */
function asking(address: string, token: string): Ask {
  const agent = new Agent({ keepAlive: true });
  return async (path) =>
    await new Promise((resolve, reject) => {
      const began = performance.now();
      get(`${address}${path}`, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
        answer.resume();
        answer.once("error", reject);
        answer.once("end", () => {
          if (answer.statusCode === 200) resolve((performance.now() - began) / 1000);
          else reject(new Error(`${path} answers ${answer.statusCode}`));
        });
      }).once("error", reject);
    });
}

/** As many requests per second as it is said, one half lists: each at its time, whether or not those before have ended. */
async function underLoad(ask: Ask, reads: Reads, seconds: number): Promise<{ lists: number[]; details: number[] }> {
  const began = performance.now();
  const asked = Array.from({ length: seconds * perSecond }, async (_, index) => {
    const isList = index % 2 === 0;
    const paths = isList ? reads.lists : reads.details;
    // A step that has nothing in common with the lengths: every path has its turn.
    const path = paths[(index * 7919) % paths.length] ?? base;
    const due = began + (index * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    await ask(path);
    // From when it was due: what waits behind a slow one is slow as well.
    return { isList, seconds: (performance.now() - due) / 1000 };
  });
  const done = await Promise.all(asked);
  return {
    lists: done.filter(({ isList }) => isList).map((one) => one.seconds),
    details: done.filter(({ isList }) => !isList).map((one) => one.seconds),
  };
}

function percentile(samples: number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
