import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { backUp, backupPath, startShop, write, type Shop, type SnapshotAnswer } from "./support/backups.ts";

describe("a download", () => {
  let shop: Shop;
  let snapshot: SnapshotAnswer;
  beforeEach(async () => {
    shop = await startShop();
  });
  const fetched = async (path: string, more = ""): Promise<Response> =>
    await fetch(`${shop.url}${backupPath}/snapshots/${snapshot.id}/download?path=${encodeURIComponent(path)}${more}`, {
      headers: { authorization: `Bearer ${await shop.token("operate")}` },
    });
  const turns = async (): Promise<unknown[]> => await shop.holdfast.state.selectFrom("turns").selectAll().execute();

  test("gives a file of any name as it was, and as nothing but a file", async () => {
    const name = 'wörld "quoted"; x=\r\n日本.html';
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    write(join(shop.data, name), content);
    snapshot = await backUp(shop);
    const answer = await fetched(join(shop.data, name));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-length")).toBe("300000");
    expect(answer.headers.get("content-disposition")).toBe(
      `attachment; filename="w_rld _quoted__ x_____.html"; filename*=UTF-8''w%C3%B6rld%20%22quoted%22%3B%20x%3D%0D%0A%E6%97%A5%E6%9C%AC.html`,
    );
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    const empty = await fetched(join(shop.data, "empty"));
    expect([empty.status, await empty.text()]).toEqual([200, ""]);
    const audit = await shop.send<{ entries: unknown[] }>("GET", "/api/v1/audit");
    expect(audit.body.entries).toContainEqual(
      expect.objectContaining({
        actor: "token:test-operate",
        subject: `download of ${JSON.stringify(join(shop.data, name))} from snapshot ${snapshot.id}`,
      }),
    );
  });

  test("gives a folder as an archive that holds all of it", async () => {
    snapshot = await backUp(shop);
    const tar = await fetched(join(shop.data, "orders"));
    expect(tar.headers.get("content-disposition")).toContain('filename="orders.tar"');
    const listed = execFileSync("tar", ["-t"], { input: Buffer.from(await tar.arrayBuffer()), encoding: "utf8" });
    expect(listed).toContain("first.csv");
    expect(listed).toContain("second.csv");
    const zip = await fetched(join(shop.data, "orders"), "&archive=zip");
    const bytes = Buffer.from(await zip.arrayBuffer());
    expect(bytes.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
    // The end of a zip's directory: a zip that was cut has none.
    expect(bytes.includes("PK\u0005\u0006")).toBe(true);
    const whole = await fetched("/");
    expect(whole.headers.get("content-disposition")).toContain(`shop-${snapshot.restic_snapshot_id?.slice(0, 8)}.tar`);
    await whole.arrayBuffer();
  });

  test("of what is not there, or has no content, is a problem", async () => {
    snapshot = await backUp(shop);
    const none = await fetched(join(shop.data, "nowhere"));
    expect([none.status, await none.json()]).toMatchObject([404, { code: "HF_RESTORE_NO_MATCH" }]);
    const link = await fetched(join(shop.data, "link"));
    expect([link.status, await link.json()]).toMatchObject([422, { code: "HF_DOWNLOAD_NOT_POSSIBLE" }]);
    const reader = await shop.send("GET", `${backupPath}/snapshots/${snapshot.id}/download?path=/`, { as: "read" });
    expect(reader.status).toBe(403);
    expect(await turns()).toEqual([]);
  });

  test("ends restic when the client goes away", async () => {
    write(join(shop.data, "large"), randomBytes(60_000_000));
    snapshot = await backUp(shop);
    const path = `${backupPath}/snapshots/${snapshot.id}/download?path=${encodeURIComponent(join(shop.data, "large"))}`;
    const asking = request(`${shop.url}${path}`, {
      headers: { authorization: `Bearer ${await shop.token("operate")}` },
    });
    asking.end();
    const [answer] = await once(asking, "response");
    await once(answer, "readable");
    expect(await turns()).toHaveLength(1);
    asking.destroy();
    await vi.waitFor(async () => expect(await turns()).toEqual([]), { timeout: 10_000 });
    expect(resticsOf(shop)).toEqual([]);
    expect(shop.logged).toEqual([]);
  });

  test("is cut when something goes wrong on the way", async () => {
    write(join(shop.data, "large"), randomBytes(60_000_000));
    snapshot = await backUp(shop);
    for (const path of [join(shop.data, "large"), shop.data]) {
      const answer = await fetched(path);
      expect(answer.status).toBe(200);
      const reader = answer.body?.getReader();
      await reader?.read();
      for (const { pid } of resticsOf(shop)) process.kill(pid, "SIGKILL");
      const rest = async (): Promise<void> => {
        while ((await reader?.read())?.done === false);
      };
      await expect(rest()).rejects.toThrow("terminated");
    }
    await vi.waitFor(async () => expect(await turns()).toEqual([]), { timeout: 10_000 });
  });
});

function randomBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  // Incompressible and never twice the same, so that it fills packs.
  let state = 0x9e3779b9;
  for (let index = 0; index + 4 <= size; index += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, index);
  }
  return bytes;
}

/** The restic programs at this home's repository. */
function resticsOf({ folder }: Shop): { pid: number; line: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return { pid: Number(pid), line: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") };
      } catch {
        return { pid: Number(pid), line: "" };
      }
    })
    .filter(({ line }) => line.includes("restic") && line.includes(folder));
}
