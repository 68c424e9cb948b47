export interface Family {
  type: "gauge" | "counter";
  labels: readonly string[];
  help: string;
}

const perStore = ["app", "destination"] as const;

/** Every metric of Holdfast: the answer of `/metrics`, docs/monitoring.md, the alert rules and the dashboard are held to it. */
export const families = {
  holdfast_backup_last_success_timestamp_seconds: {
    type: "gauge",
    labels: perStore,
    help: "When the newest good snapshot was stored, or found to be still current.",
  },
  holdfast_backup_age_seconds: {
    type: "gauge",
    labels: perStore,
    help: "Time since then; compare with holdfast_app_expected_age_seconds.",
  },
  holdfast_backup_last_run_timestamp_seconds: {
    type: "gauge",
    labels: perStore,
    help: "When the last run ended there.",
  },
  holdfast_backup_last_run_success: {
    type: "gauge",
    labels: perStore,
    help: "1 when the last run stored there, or found nothing changed; 0 when it failed there.",
  },
  holdfast_backup_duration_seconds: {
    type: "gauge",
    labels: perStore,
    help: "How long the last run took to store there.",
  },
  holdfast_backup_bytes: { type: "gauge", labels: perStore, help: "Size of the newest snapshot's files." },
  holdfast_backup_added_bytes: {
    type: "gauge",
    labels: perStore,
    help: "What the newest snapshot added to the repository, as stored.",
  },
  holdfast_backup_files: { type: "gauge", labels: perStore, help: "Files of the newest snapshot." },
  holdfast_snapshots: { type: "gauge", labels: perStore, help: "Snapshots that exist." },
  holdfast_app_last_run_result: {
    type: "gauge",
    labels: ["app", "result"],
    help: "1 for the result of the last backup: success, warning, failed or cancelled.",
  },
  holdfast_app_last_run_duration_seconds: {
    type: "gauge",
    labels: ["app"],
    help: "How long the last backup took, all destinations together.",
  },
  holdfast_app_downtime_seconds: {
    type: "gauge",
    labels: ["app"],
    help: "How long the last backup held the app still; absent for an app with hooks of its own, which may stop it.",
  },
  holdfast_app_next_run_timestamp_seconds: {
    type: "gauge",
    labels: ["app"],
    help: "When the schedule starts the next backup; absent without a schedule.",
  },
  holdfast_app_expected_age_seconds: {
    type: "gauge",
    labels: ["app"],
    help: "How old the newest good snapshot may be before the app is late.",
  },
  holdfast_dump_last_success_timestamp_seconds: {
    type: "gauge",
    labels: ["app", "database"],
    help: "When the newest complete dump was made.",
  },
  holdfast_dump_bytes: { type: "gauge", labels: ["app", "database"], help: "Size of the newest complete dump." },
  holdfast_destination_size_bytes: {
    type: "gauge",
    labels: ["destination"],
    help: "What the repository holds, as measured by the last prune or `holdfast stats`.",
  },
  holdfast_destination_last_check_timestamp_seconds: {
    type: "gauge",
    labels: ["destination"],
    help: "When it was last checked.",
  },
  holdfast_destination_last_check_success: {
    type: "gauge",
    labels: ["destination"],
    help: "1 when the last check found nothing, else 0.",
  },
  holdfast_destination_last_prune_timestamp_seconds: {
    type: "gauge",
    labels: ["destination"],
    help: "When space was last freed.",
  },
  holdfast_destination_last_retain_timestamp_seconds: {
    type: "gauge",
    labels: ["destination"],
    help: "When it was last thinned.",
  },
  holdfast_runs: {
    type: "gauge",
    labels: ["kind", "state"],
    help: "Runs that are queued and running, over all daemons of this state.",
  },
  holdfast_restic_processes: { type: "gauge", labels: [], help: "restic processes that this daemon has running." },
  holdfast_alerts: { type: "gauge", labels: ["kind"], help: "Alerts that last." },
  holdfast_notifications_pending: {
    type: "gauge",
    labels: ["notifier"],
    help: "Notifications that wait to be sent.",
  },
  holdfast_notifications_dropped: {
    type: "gauge",
    labels: ["notifier"],
    help: "Notifications that were given up, as long as they are remembered.",
  },
  holdfast_config_problems: { type: "gauge", labels: [], help: "Mistakes in what is declared." },
  holdfast_build_info: { type: "gauge", labels: ["version", "node"], help: "Always 1." },
  process_cpu_seconds_total: { type: "counter", labels: [], help: "Processor time that the daemon used." },
  process_resident_memory_bytes: { type: "gauge", labels: [], help: "Memory of the daemon." },
  process_start_time_seconds: { type: "gauge", labels: [], help: "When the daemon started." },
  process_open_fds: { type: "gauge", labels: [], help: "Files and connections that the daemon holds open." },
} as const satisfies Record<string, Family>;

export type MetricName = keyof typeof families;
