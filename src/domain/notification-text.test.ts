import { describe, expect, it } from "vitest";
import { problem } from "../base/errors/error.ts";
import { destinationName } from "./names.ts";
import { fullText, runText, startText, type EndedRun } from "./notification-text.ts";

const run: EndedRun = {
  kind: "backup",
  subject: "immich",
  device: "box",
  outcome: "success",
  again: false,
  durationMs: 133_000,
  problems: [],
  stored: [],
};
const summary = {
  filesNew: 1,
  filesChanged: 0,
  filesUnmodified: 0,
  filesProcessed: 1,
  bytesProcessed: 1,
  dataAdded: 3 * 1024 ** 3,
  dataAddedPacked: 1.25 * 1024 ** 3,
};
const [nas, b2] = [destinationName("nas"), destinationName("b2")];
const good = { destination: nas, status: "success", verdict: "good", summary } as const;

describe("the text about a run", () => {
  it("of a success says how long it took, where it is and what it added", () => {
    expect(runText({ ...run, stored: [good, { ...good, destination: b2 }] })).toEqual({
      title: "immich: backup succeeded",
      what: "The backup of immich on box succeeded, in 2 min 13 s. Stored in nas and b2, 1.3 GiB added.",
    });
  });

  it("of an unchanged app says so, and not that something was stored", () => {
    const { what } = runText({ ...run, stored: [{ destination: nas, status: "unchanged" }] });
    expect(what).toBe("The backup of immich on box succeeded, in 2 min 13 s. Nothing had changed.");
  });

  it("of a failure says where it is all the same, where not, why, and what to do about the gravest", () => {
    const text = runText({
      ...run,
      outcome: "failed",
      stored: [
        { ...good, verdict: "partial" },
        { destination: b2, status: "failed" },
      ],
      problems: [
        problem("HF_DUMP_NO_ROLE_PASSWORDS", { database: "main" }),
        problem("HF_PATH_MISSING", { app: "immich", path: "/srv" }),
      ],
    });
    expect(text).toEqual({
      title: "immich: backup FAILED",
      what: "The backup of immich on box failed after 2 min 13 s. Stored in nas (partial), 1.3 GiB added. Not in b2.",
      why: "/srv of immich does not exist.\nThe user of main is no superuser: roles are dumped without their passwords.",
      todo: "Is a disk not mounted? Otherwise correct `paths` in the declaration. The rest is stored as `partial`.",
    });
  });

  it("of a failure with nothing stored says that, also while its records are still open", () => {
    const { what } = runText({ ...run, outcome: "failed", stored: [{ destination: nas, status: "in_progress" }] });
    expect(what).toBe("The backup of immich on box failed after 2 min 13 s. Nothing was stored.");
  });

  it("is short, however much went wrong", () => {
    const problems = Array.from({ length: 40 }, (_, index) =>
      problem("HF_DATABASE_UNREACHABLE", { database: `d${index}`, detail: "x".repeat(3000) }),
    );
    const text = fullText(runText({ ...run, outcome: "failed", problems }));
    expect(text.length).toBeLessThan(2500);
    expect(text).toContain("And 37 more: `holdfast status` shows them.");
  });

  it("of a cancelled run gives no cause: somebody wanted it", () => {
    expect(runText({ ...run, outcome: "cancelled", problems: [problem("HF_CANCELLED", {})] })).toEqual({
      title: "immich: backup cancelled",
      what: "The backup of immich on box was cancelled after 2 min 13 s. Nothing was stored.",
    });
  });

  it("says of upkeep what and where, and nothing of storing", () => {
    const { title, what } = runText({ ...run, kind: "prune", subject: "b2", outcome: "failed" });
    expect(`${title} | ${what}`).toBe("b2: prune FAILED | The prune of b2 on box failed after 2 min 13 s.");
  });

  it("says that one started", () => {
    expect(startText(run).what).toBe("The backup of immich on box has started.");
  });
});
