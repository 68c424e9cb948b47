import { describe, expect, test } from "vitest";
import { render } from "../../../base/errors/error.ts";
import { failureOf, type Ending } from "./failures.ts";

function failureFrom(ending: Partial<Ending>) {
  const usual = { destination: "nas", location: "/mnt/nas", command: "backup", code: 1, fatal: undefined, lines: [] };
  return failureOf({ ...usual, ...ending });
}

describe("exit statuses", () => {
  test.each([
    [10, "HF_REPOSITORY_MISSING"],
    [11, "HF_REPOSITORY_LOCKED"],
    [12, "HF_REPOSITORY_PASSWORD"],
    [1, "HF_RESTIC_FAILED"],
    [130, "HF_RESTIC_FAILED"],
    [null, "HF_RESTIC_FAILED"],
  ])("%s is %s", (code, expected) => {
    expect(failureFrom({ code, fatal: "something" }).code).toBe(expected);
  });
});

/** Words of restic 0.18 and 0.19, of OpenSSH 9 and of S3 servers, as they were seen. */
test.each([
  ["HF_REPOSITORY_FULL", "Fatal: unable to save snapshot: write /mnt/nas/data/00/00-tmp: no space left on device"],
  ["HF_REPOSITORY_FULL", "server response unexpected: 507 Insufficient Storage (507)"],
  [
    "HF_REPOSITORY_UNREACHABLE",
    'Fatal: unable to open config file: Get "http://nas:8000/config": dial tcp: lookup nas: no such host',
  ],
  ["HF_REPOSITORY_UNREACHABLE", "subprocess ssh: ssh: connect to host nas port 22: Connection refused"],
  [
    "HF_REPOSITORY_REFUSED",
    "Fatal: create repository failed: client.BucketExists: The Access Key Id you provided does not exist in our records.",
  ],
  ["HF_REPOSITORY_REFUSED", "Stat: The request signature we calculated does not match the signature you provided."],
  ["HF_REPOSITORY_REFUSED", "subprocess ssh: backup@nas: Permission denied (publickey)."],
  ["HF_REPOSITORY_REFUSED", "Fatal: unable to open config file: stat /mnt/nas/config: permission denied"],
  ["HF_REPOSITORY_REFUSED", "unexpected HTTP response (401): 401 Unauthorized"],
  ["HF_REPOSITORY_HOST_KEY", "subprocess ssh: Host key verification failed."],
  ["HF_REPOSITORY_PASSWORD", "Fatal: wrong password or no key found"],
  ["HF_REPOSITORY_EXISTS", "Fatal: create repository at /mnt/nas failed: config file already exists"],
  ["HF_SNAPSHOT_UNKNOWN", 'Fatal: failed to find snapshot: no matching ID found for prefix "abcd"'],
  ["HF_REPOSITORY_DAMAGED", "Fatal: Load(<data/fa97655c>): ciphertext verification failed"],
] as const)("%s is told by: %s", (code, text) => {
  expect(failureFrom({ fatal: text }).code).toBe(code);
  expect(failureFrom({ fatal: "Fatal: unable to start", lines: ["a notice", text] }).code).toBe(code);
});

test("a lock is explained: who, where, since when", () => {
  const fatal =
    "unable to create lock in backend: repository is already locked exclusively by PID 9464 on vm by root (UID 0, GID 0)\n" +
    "lock was created at 2026-11-20 06:24:29 (2m3.363412424s ago)\nstorage ID f47f9e82";
  expect(render(failureFrom({ code: 11, fatal }).problem).message).toBe(
    "The repository nas is locked by process 9464 on vm (user root), which needs it alone, since 2026-11-20 06:24:29 (2m3s ago).",
  );
  expect(failureFrom({ code: 11, fatal: "something else" }).problem.params["holder"]).toBe("another restic");
});

test("the sentence is the line that tells, without restic's wrapping", () => {
  const detail = (ending: Partial<Ending>) => failureFrom(ending).problem.params["detail"];
  const retry =
    "Stat(<config/>) returned error, retrying after 1.35s: Stat: The Access Key Id you provided does not exist.";
  expect(detail({ fatal: retry })).toBe("Stat: The Access Key Id you provided does not exist.");
  const lines = [
    "subprocess ssh: @ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @",
    "subprocess ssh: Host key verification failed.",
  ];
  expect(detail({ fatal: "Fatal: unable to start the sftp session, error: EOF", lines })).toBe(
    "the server shows another host key than the one that is known for it.",
  );
  expect(detail({ fatal: "Fatal: Fatal: odd\nmore" })).toBe("odd");
});
