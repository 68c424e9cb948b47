import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/**
 * Gives `work` a folder for everything temporary of one run. Afterwards nothing of the run is left, however it ended:
 * no process that names the folder in its arguments or environment, no mount below it, no file. Gives the result and
 * the command lines of what was still running.
 */
export async function inRunFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-tests-"));
  // It stands for /tmp, also for servers that run as users of their own.
  chmodSync(folder, 0o1777);
  try {
    return { result: await work(folder), leftRunning: await endProcesses(folder) };
  } finally {
    await endProcesses(folder, 0);
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What is about to end gets a moment; what stays is killed. */
async function endProcesses(folder, patienceMs = 5000) {
  const deadline = Date.now() + patienceMs;
  while (processesOf(folder).length > 0 && Date.now() < deadline) await pause(50);
  const left = processesOf(folder);
  for (const { pid } of left) signal(pid, "SIGKILL");
  while (processesOf(folder).length > 0) await pause(20);
  return left.map(({ commandLine }) => commandLine);
}

function processesOf(folder) {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const commandLine = read(pid, "cmdline").replaceAll("\0", " ").trim();
    const ours = commandLine.includes(folder) || read(pid, "environ").includes(folder);
    return ours && commandLine !== "" ? [{ pid, commandLine }] : [];
  });
}

/** Gone meanwhile, or another user's: then it is none of ours. */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(error.code)) return "";
    throw error;
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function unmountBelow(folder) {
  const points = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const point of points.filter((path) => path.startsWith(`${folder}/`)).reverse())
    spawnSync("umount", ["--lazy", point]);
}
