/** Who holds a lock, in words, from restic's error text: `locked by PID 7 on nas by root (UID 0, GID 0)`. */
export function holderIn(text: string): string {
  const owner = /locked (exclusively )?by PID (\d+) on (.+?) by (.*?) \(UID/.exec(text);
  if (owner === null) return "another restic";
  const [, exclusive, pid, host, user] = owner;
  const since = /lock was created at (\S+ \S+) \(([^)]*?)(\.\d+s)? ago\)/.exec(text);
  const who = `process ${pid} on ${host}${user === "" ? "" : ` (user ${user})`}`;
  const alone = exclusive === undefined ? "" : ", which needs it alone";
  return since === null
    ? `${who}${alone}`
    : `${who}${alone}, since ${since[1]} (${since[2]}${since[3] === undefined ? "" : "s"} ago)`;
}
