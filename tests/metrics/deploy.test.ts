import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { families } from "../../src/operations/metrics/families.ts";
import { testFolder } from "../support/folders.ts";
import { describeNeeding } from "../support/needs.ts";
import { promtool } from "./promtool.ts";

const rulesPath = join(process.cwd(), "deploy/prometheus/holdfast.rules.yml");

interface Rule {
  alert: string;
  expr: string;
}
interface Target {
  expr: string;
}

function metricsIn(expression: string): string[] {
  return expression.match(/\b(holdfast|process)_[a-z_]+/g) ?? [];
}

function allRules(): Rule[] {
  const file = parse(readFileSync(rulesPath, "utf8")) as { groups: { rules: Rule[] }[] };
  return file.groups.flatMap(({ rules }) => rules);
}

function dashboardQueries(): string[] {
  const dashboard = JSON.parse(readFileSync("deploy/grafana/holdfast.json", "utf8")) as {
    panels: { targets: Target[] }[];
    templating: { list: { type: string; definition?: string }[] };
  };
  const variables = dashboard.templating.list.flatMap(({ definition }) => definition ?? []);
  return [...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...variables];
}

it("every alert rule and every query of the dashboard asks for metrics that exist", () => {
  const asked = [...allRules().map(({ expr }) => expr), ...dashboardQueries()];
  expect(asked.length).toBeGreaterThan(20);
  const known = new Set<string>(Object.keys(families));
  expect(asked.flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
});

describeNeeding("promtool")("what is deployed, to Prometheus' own tool", () => {
  it("the alert rules are valid", () => {
    expect(promtool(["check", "rules", rulesPath])).toContain("SUCCESS");
  });

  it("every query of the dashboard is valid", () => {
    const folder = testFolder();
    const queries = dashboardQueries()
      .filter((query) => !query.startsWith("label_values("))
      .map((query, index) => ({
        record: `query${index}`,
        expr: query.replaceAll('"$app"', '".*"').replaceAll('"$destination"', '".*"'),
      }));
    const path = join(folder, "queries.yml");
    writeFileSync(path, JSON.stringify({ groups: [{ name: "dashboard", rules: queries }] }));
    expect(promtool(["check", "rules", path])).toContain(`${queries.length} rules found`);
  });

  it("the alerts fire when they should, and only then", () => {
    const folder = testFolder();
    const steady = (value: number): string => `${value}x600`;
    const day = 86_400;
    const series = [
      { series: 'holdfast_app_expected_age_seconds{app="immich"}', values: steady(1.5 * day) },
      { series: 'holdfast_app_expected_age_seconds{app="paperless"}', values: steady(1.5 * day) },
      // Grows old, from half a day on.
      { series: 'holdfast_backup_age_seconds{app="immich",destination="nas"}', values: `${day / 2}+300x600` },
      { series: 'holdfast_backup_age_seconds{app="paperless",destination="nas"}', values: steady(day / 2) },
      { series: 'holdfast_backup_last_success_timestamp_seconds{app="immich",destination="nas"}', values: steady(1) },
      { series: 'holdfast_snapshots{app="immich",destination="nas"}', values: steady(7) },
      { series: 'holdfast_snapshots{app="paperless",destination="usb"}', values: steady(0) },
      { series: 'holdfast_backup_last_run_success{app="immich",destination="nas"}', values: "1x120 0x480" },
      { series: 'holdfast_dump_last_success_timestamp_seconds{app="paperless",database="db"}', values: steady(0) },
      { series: 'holdfast_destination_last_check_success{destination="nas"}', values: "1x120 0x480" },
      { series: 'holdfast_destination_last_check_timestamp_seconds{destination="nas"}', values: steady(0) },
      { series: 'holdfast_runs{kind="backup",state="queued"}', values: "0x120 3x480" },
      { series: 'holdfast_runs{kind="backup",state="running"}', values: "1x120 0x480" },
      { series: 'holdfast_notifications_dropped{notifier="phone"}', values: "0x120 2x480" },
      { series: "holdfast_config_problems", values: "0x120 1x480" },
      { series: "holdfast_build_info", values: "1x120 _x480" },
    ];
    const late: Record<string, Record<string, string>[]> = {
      HoldfastDown: [{ severity: "critical" }],
      HoldfastBackupLate: [{ severity: "critical", app: "immich", destination: "nas" }],
      HoldfastNeverBackedUp: [{ severity: "warning", app: "paperless", destination: "usb" }],
      HoldfastBackupFailed: [{ severity: "warning", app: "immich", destination: "nas" }],
      HoldfastDumpOld: [],
      HoldfastCheckFailed: [{ severity: "critical", destination: "nas" }],
      HoldfastCheckOld: [],
      HoldfastQueueStuck: [{ severity: "warning" }],
      HoldfastNotificationsDropped: [{ severity: "warning", notifier: "phone" }],
      HoldfastConfigProblems: [{ severity: "warning" }],
    };
    const ages: Record<string, [string, Record<string, string>]> = {
      HoldfastDumpOld: ["49h", { severity: "critical", app: "paperless", database: "db" }],
      HoldfastCheckOld: ["195h", { severity: "warning", destination: "nas" }],
    };
    expect(Object.keys(late).sort()).toEqual(
      allRules()
        .map(({ alert }) => alert)
        .sort(),
    );
    const when = (at: string, alerts: [string, Record<string, string>[]][]) =>
      alerts.map(([alertname, labels]) => ({
        eval_time: at,
        alertname,
        exp_alerts: labels.map((exp_labels) => ({ exp_labels })),
      }));
    const test = {
      rule_files: [rulesPath],
      evaluation_interval: "5m",
      tests: [
        {
          interval: "5m",
          input_series: series,
          alert_rule_test: [
            ...when(
              "9h",
              Object.keys(late).map((name) => [name, []]),
            ),
            ...when("47h", Object.entries(late)),
          ],
        },
        {
          interval: "5m",
          input_series: series.map(({ series: name }) => ({ series: name, values: "0x2400" })),
          alert_rule_test: Object.entries(ages).flatMap(([name, [at, labels]]) => when(at, [[name, [labels]]])),
        },
      ],
    };
    const path = join(folder, "alerts.test.yml");
    // Annotations are for people, and not compared here: promtool compares them, so they are cut out of a copy.
    const bare = parse(readFileSync(rulesPath, "utf8")) as { groups: { rules: { annotations?: unknown }[] }[] };
    for (const rule of bare.groups.flatMap(({ rules }) => rules)) delete rule.annotations;
    writeFileSync(join(folder, "bare.yml"), JSON.stringify(bare));
    writeFileSync(path, JSON.stringify({ ...test, rule_files: [join(folder, "bare.yml")] }));
    expect(promtool(["test", "rules", path])).toContain("SUCCESS");
  });
});

describeNeeding("systemd-analyze")("the systemd unit", () => {
  it("is valid and shuts out what a backup does not need", async () => {
    const { spawnSync } = await import("node:child_process");
    const folder = testFolder();
    const unit = readFileSync("deploy/systemd/holdfast.service", "utf8");
    // The program need not be installed for the unit to be right.
    writeFileSync(join(folder, "holdfast.service"), unit.replaceAll("/usr/local/bin/holdfast", "/bin/true"));
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", join(folder, "holdfast.service")], {
      encoding: "utf8",
    });
    expect([verified.status, verified.stderr]).toEqual([0, ""]);
    const security = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--no-pager", join(folder, "holdfast.service")],
      { encoding: "utf8" },
    );
    const exposure = Number(/exposure level for holdfast\.service: ([\d.]+)/.exec(security.stdout)?.[1]);
    expect(exposure, security.stdout + security.stderr).toBeLessThan(4);
  });
});
