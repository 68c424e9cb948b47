import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { failure } from "../errors/error.ts";
import { redact } from "../secrets/secret.ts";
import type { Exit, Invocation, Io } from "./command.ts";

const keptTailBytes = 64 * 1024;
const defaultGraceMs = 10_000;

/**
 * Runs a program on this machine, in a process group of its own. Both pipes are always drained. Cancelling sends the
 * stop signal to the whole group, waits the grace period and then kills it. Settles when the program has ended and its
 * pipes are closed. This is the only place that spawns.
 */
export async function execute(invocation: Invocation, io: Io = {}): Promise<Exit> {
  io.signal?.throwIfAborted();
  const started = performance.now();
  const [program, ...args] = invocation.argv;
  const child = spawn(program, args, {
    cwd: invocation.cwd,
    env: invocation.env,
    detached: true,
    stdio: [io.stdin === undefined ? "ignore" : "pipe", io.stdoutFile ?? "pipe", "pipe"],
  });
  const ended = endOf(child, program);
  const stopping = new Stopping(child, io.stopSignal ?? "SIGTERM", io.graceMs ?? defaultGraceMs);
  const cancel = (): void => stopping.begin();
  io.signal?.addEventListener("abort", cancel, { once: true });
  let overran = false;
  const timer =
    io.limitMs === undefined
      ? undefined
      : setTimeout(() => {
          overran = true;
          stopping.begin();
        }, io.limitMs);
  try {
    const [exit, , stdout, stderr] = await Promise.all([
      ended,
      feed(child, io.stdin),
      drain(child.stdout, io.onLine, io.stdout),
      drain(child.stderr, io.onErrorLine),
    ]);
    if (overran) throw failure("HF_TIMED_OUT", { what: program, limit: `${(io.limitMs ?? 0) / 1000} s` });
    io.signal?.throwIfAborted();
    return { ...exit, stdout, stderr: redact(stderr), durationMs: performance.now() - started };
  } catch (error) {
    // A broken reader (a full disk, say) must not leave the program running.
    stopping.begin();
    await ended.catch(() => undefined);
    throw error;
  } finally {
    stopping.end();
    clearTimeout(timer);
    io.signal?.removeEventListener("abort", cancel);
  }
}

/** Ends a process group, politely first. */
class Stopping {
  #killTimer: NodeJS.Timeout | undefined;
  readonly #child: ChildProcess;
  readonly #signal: NodeJS.Signals;
  readonly #graceMs: number;

  constructor(child: ChildProcess, signal: NodeJS.Signals, graceMs: number) {
    this.#child = child;
    this.#signal = signal;
    this.#graceMs = graceMs;
  }

  begin(): void {
    if (this.#killTimer !== undefined) return;
    this.#send(this.#signal);
    this.#killTimer = setTimeout(() => this.#send("SIGKILL"), this.#graceMs);
  }

  /** Called once the program has ended: after a cancel nothing of its group may live on. */
  end(): void {
    if (this.#killTimer === undefined) return;
    clearTimeout(this.#killTimer);
    this.#send("SIGKILL");
  }

  #send(name: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, name);
    } catch (error) {
      // Gone already; or another user's (sudo), who passes the signal on when the pipes close.
      if (!(error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")))
        throw error;
    }
  }
}

function endOf(child: ChildProcess, program: string): Promise<Pick<Exit, "code" | "signal">> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT" && error.syscall?.startsWith("spawn");
      reject(
        missing
          ? failure("HF_PROGRAM_MISSING", { program, package: `the package that holds ${program}` }, { cause: error })
          : failure(
              "HF_PROGRAM_FAILED",
              { program, how: "could not be started", detail: error.message },
              { cause: error },
            ),
      );
    });
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

/** A program may end without reading all of its input: that is its affair, and its exit status tells. */
async function feed(child: ChildProcess, stdin: Readable | string | undefined): Promise<void> {
  if (stdin === undefined || child.stdin === null) return;
  const source = typeof stdin === "string" ? Readable.from([Buffer.from(stdin)]) : stdin;
  try {
    await pipeline(source, child.stdin);
  } catch (error) {
    const gone =
      error instanceof Error &&
      "code" in error &&
      ["EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"].includes(String(error.code));
    if (!gone) throw error;
  }
}

async function drain(
  stream: Readable | null,
  onLine?: (line: string) => void,
  into?: NodeJS.WritableStream,
): Promise<string> {
  if (stream === null) return "";
  if (into !== undefined) {
    await pipeline(stream, into);
    return "";
  }
  if (onLine !== undefined) {
    const tail = new Tail();
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on("line", (line) => {
      tail.add(Buffer.from(`${line}\n`));
      try {
        onLine(line);
      } catch (error) {
        stream.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    await finished(stream);
    return tail.text();
  }
  const tail = new Tail();
  stream.on("data", (chunk: Buffer) => tail.add(chunk));
  await finished(stream);
  return tail.text();
}

/** Keeps the end of what flows by. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#chunks.length > 1 && this.#bytes - (this.#chunks[0]?.length ?? 0) >= keptTailBytes) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-keptTailBytes).toString("utf8");
  }
}
