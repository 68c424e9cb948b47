import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Tells one process from every other, also from a later one with the same pid and from one before a reboot. */
export interface Owner {
  node: string;
  bootId: string;
  pid: number;
  /** The kernel's start time of the process, in clock ticks since boot. */
  startTime: string;
  /** In which pids are its own, as the kernel names it; absent in what an earlier Holdfast wrote. */
  pidNamespace?: string | undefined;
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** The fields of /proc/PID/stat (proc(5)) from the third on; undefined when there is no such process. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return undefined;
    throw error;
  }
}

/** Field 22; undefined when there is no such process, or when it is a zombie. */
function startTimeOf(pid: number): string | undefined {
  const fields = statOf(pid);
  return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

/** Whether a process has ended and its parent has not taken note of that: for most programs it lives. */
export function isZombie(pid: number): boolean {
  return statOf(pid)?.[0] === "Z";
}

/** Whether a process of this machine with that pid lives. */
export function isAlive(pid: number): boolean {
  return startTimeOf(pid) !== undefined;
}

let own: Owner | undefined;

export function thisProcess(): Owner {
  own ??= {
    node: hostname(),
    bootId: bootId(),
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? "",
    pidNamespace: pidNamespace(),
  };
  return own;
}

function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid");
}

export function isSameOwner(one: Owner, other: Owner): boolean {
  return one.node === other.node && one.pidNamespace === other.pidNamespace && ownerToken(one) === ownerToken(other);
}

/**
 * Whether the owner lives; `unknown` when it belongs to another node, or to another container of this name: of those only
 * the heartbeat can tell.
 */
export function livenessOf(owner: Owner): "alive" | "dead" | "unknown" {
  if (owner.node !== hostname()) return "unknown";
  if (owner.bootId !== bootId()) return "dead";
  if (owner.pidNamespace !== undefined && owner.pidNamespace !== thisProcess().pidNamespace) return "unknown";
  return startTimeOf(owner.pid) === owner.startTime ? "alive" : "dead";
}

/** One line that names the owner: the value of HOLDFAST_OWNER in its children. */
export function ownerToken(owner: Owner): string {
  return `${owner.pid}:${owner.startTime}:${owner.bootId}`;
}
