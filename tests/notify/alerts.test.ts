import { describe, expect, it } from "vitest";
import { problem } from "../../src/base/errors/error.ts";
import type { Notification } from "../../src/domain/notification.ts";
import { alertsChanged } from "../../src/operations/notify/alerts.ts";
import { deliver } from "../../src/operations/notify/deliver.ts";
import { receiver } from "../support/receiver.ts";
import { setting } from "./setting.ts";

const alert = (app: string, destination: string) => ({
  app,
  destination,
  raisedAt: "2026-11-19T23:00:00.000Z",
  problem: problem("HF_BACKUP_LATE", { app, destination, device: "box", expected: "1 d", newest: "none" }),
});

describe("alerts", () => {
  it("that are raised and cleared are told once for each app, whatever the number of its destinations", async () => {
    const { url, received } = await receiver();
    const { holdfast } = await setting({ hook: { type: "webhook", url: `${url}/in` } });
    const [nas, b2, other] = [alert("immich", "nas"), alert("immich", "b2"), alert("paperless", "nas")];
    await alertsChanged(holdfast, { raised: [nas, b2, other], cleared: [] });
    await alertsChanged(holdfast, { raised: [], cleared: [nas, b2] });
    await deliver(holdfast, { signal: new AbortController().signal });
    expect(received.map(({ body }) => JSON.parse(body) as Notification)).toMatchObject([
      { kind: "stale", app: "immich", title: "immich: no fresh backup in nas and b2" },
      { kind: "stale", app: "paperless", destination: "nas", title: "paperless: no fresh backup in nas" },
      { kind: "recovered", app: "immich", what: "The alarm about immich is over, after 3 h." },
    ]);
  });
});
