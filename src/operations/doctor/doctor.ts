import { access, constants } from "node:fs/promises";
import { catalogue } from "../../base/errors/catalogue.ts";
import { exits } from "../../base/errors/entry.ts";
import { problem, render, toProblem, type Problem } from "../../base/errors/error.ts";
import { freeBytes } from "../../base/files/atomic.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import { worse } from "../../domain/outcome.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { openDeclared } from "../context/databases.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { findRestic } from "../context/restic.ts";
import { plansOf } from "../backup/backup.ts";
import { bucketSentences } from "../destination-test/compare.ts";
import { testDestination } from "../destination-test/test.ts";
import type { Caller } from "../run/listener.ts";
import { version } from "../version.ts";

export type CheckStatus = "ok" | "warning" | "failed";

export interface DoctorCheck {
  /** `this machine`, `configuration`, `destinations`, `databases` or `apps`. */
  area: string;
  name: string;
  status: CheckStatus;
  detail: string;
  hint?: string;
}

export interface DoctorReport {
  checks: DoctorCheck[];
  outcome: Outcome;
}

/** Less free space than this in Holdfast's home is worth a word. */
const littleBytes = 1024 ** 3;

/** Tries everything that tonight's backup needs, and changes nothing. */
export async function doctor(holdfast: Holdfast, caller: Caller): Promise<DoctorReport> {
  const machine = await machineChecks(holdfast);
  const [destinations, databases, apps] = await Promise.all([
    destinationChecks(holdfast, caller),
    databaseChecks(holdfast),
    appChecks(holdfast),
  ]);
  const checks = [...machine, ...configurationChecks(holdfast), ...destinations, ...databases, ...apps];
  const outcomes: Record<CheckStatus, Outcome> = { ok: "success", warning: "warning", failed: "failed" };
  return { checks, outcome: checks.map((check) => outcomes[check.status]).reduce(worse, "success") };
}

/** One check: what it gives is its detail, what it throws is its failure. */
async function look(area: string, name: string, work: () => Promise<string | DoctorCheck>): Promise<DoctorCheck> {
  try {
    const found = await work();
    return typeof found === "string" ? { area, name, status: "ok", detail: found } : found;
  } catch (error) {
    return failedCheck(area, name, toProblem(error));
  }
}

function failedCheck(area: string, name: string, found: Problem): DoctorCheck {
  const { message, hint } = render(found);
  const status = catalogue[found.code].exit === exits.warning ? "warning" : "failed";
  return { area, name, status, detail: message, ...(hint === "" ? {} : { hint }) };
}

async function machineChecks(holdfast: Holdfast): Promise<DoctorCheck[]> {
  const area = "this machine";
  return await Promise.all([
    look(
      area,
      "holdfast",
      async () => await Promise.resolve(`${version}, Node ${process.versions.node}, on ${holdfast.deviceName}`),
    ),
    look(area, "restic", async () => {
      const { path, version: found } = await findRestic(holdfast);
      return `${found} at ${path}`;
    }),
    look(area, "home", async () => {
      const free = await freeBytes(holdfast.home.root);
      const detail = `${holdfast.home.root}, ${formatBytes(free)} free`;
      if (free >= littleBytes) return detail;
      return {
        area,
        name: "home",
        status: "warning",
        detail,
        hint: "Dumps are staged there: make room, or set HOLDFAST_HOME.",
      };
    }),
  ]);
}

function configurationChecks(holdfast: Holdfast): DoctorCheck[] {
  const area = "configuration";
  const { declared } = holdfast;
  const count = `apps: ${declared.apps.length}, policies: ${declared.policies.length}, destinations: ${declared.destinations.length}`;
  const file = { area, name: holdfast.config ?? "no file", status: "ok" as const, detail: count };
  return [file, ...declared.problems.map((found) => failedCheck(area, "mistake", found))];
}

async function destinationChecks(holdfast: Holdfast, caller: Caller): Promise<DoctorCheck[]> {
  const area = "destinations";
  const found = await Promise.all(
    holdfast.declared.destinations.map(async (declaration): Promise<DoctorCheck[]> => {
      const { name, enabled } = declaration;
      if (!enabled) return [{ area, name, status: "ok", detail: "disabled: nothing is stored or maintained there" }];
      const test = await testDestination(holdfast, declaration, caller);
      const wrong = test.problems.map((one) => failedCheck(area, name, one));
      if (test.outcome === "failed") return wrong;
      const state = test.repository === "present" ? "opens" : "is reachable; the first backup creates the repository";
      const detail = [`${test.location} ${state}`, ...(test.bucket === undefined ? [] : bucketSentences(test.bucket))];
      return [{ area, name, status: "ok", detail: detail.join(". ").replace(/\.$/, "") }, ...wrong];
    }),
  );
  return found.flat();
}

async function databaseChecks(holdfast: Holdfast): Promise<DoctorCheck[]> {
  const area = "databases";
  const all = holdfast.declared.apps.flatMap((app) => app.databases.map((database) => ({ app, database })));
  return await Promise.all(
    all.map(
      async ({ app, database }) =>
        await look(area, `${app.name}/${database.name}`, async () => {
          const opened = await openDeclared(holdfast, database);
          try {
            const facts = await opened.probe();
            const client = facts.client === undefined ? "" : `, ${facts.client.program} ${facts.client.version}`;
            const size = facts.sizeBytes === undefined ? "" : `, ${formatBytes(facts.sizeBytes)}`;
            const detail = `${facts.engine} ${facts.serverVersion}${client}${size}`;
            const [warning] = facts.warnings;
            if (warning === undefined) return detail;
            const { message, hint } = render(warning);
            return {
              area,
              name: `${app.name}/${database.name}`,
              status: "warning",
              detail: `${detail}. ${message}`,
              hint,
            };
          } finally {
            await opened.close();
          }
        }),
    ),
  );
}

async function appChecks(holdfast: Holdfast): Promise<DoctorCheck[]> {
  const area = "apps";
  if (holdfast.declared.apps.length === 0) {
    const hint = render({ code: "HF_NOTHING_DECLARED", params: {} }).hint;
    return [{ area, name: "none", status: "warning", detail: "Nothing to back up is declared.", hint }];
  }
  const plans = await plansOf(holdfast, {
    apps: holdfast.declared.apps.map((app) => app.name),
    requestedBy: "person",
    dryRun: true,
    wait: true,
    retain: false,
    initialise: false,
  });
  return await Promise.all(
    plans.map(async (plan): Promise<DoctorCheck> => {
      const missing = plan.files.missing.map((path) => problem("HF_PATH_MISSING", { path, app: plan.app }));
      const [wrong] = [...plan.refusals, ...plan.problems, ...missing];
      if (wrong !== undefined) return failedCheck(area, plan.app, wrong);
      return await look(area, plan.app, async () => {
        for (const path of plan.files.paths) await access(path, constants.R_OK);
        const where = plan.stores.map((store) => store.destination).join(", ");
        return `paths: ${plan.files.paths.length}, databases: ${plan.dumps.length}, to ${where || "dump files alone"}`;
      });
    }),
  );
}
