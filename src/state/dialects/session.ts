import { setTimeout as sleep } from "node:timers/promises";
import {
  SelectQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import type { Pool, PoolClient, QueryResult as Answer } from "pg";
import { failure, isFailure } from "../../base/errors/error.ts";
import { redact } from "../../base/secrets/secret.ts";
import { isConflict, isLost, reasonOf } from "./lost.ts";
import type { Turnstile } from "./turnstile.ts";

export interface Server {
  pool: Pool;
  place: string;
  /** How long a database that is away is waited for. */
  patienceMs: number;
  /** One writer of this process at a time: those who wait hold no connection that a reader could use. */
  turn: Turnstile;
}

/** Whoever writes holds this lock of the database, as SQLite's writers hold the file: their order is one. */
const writersLock = "4851367274119602";
const attempts = 5;

interface Writing {
  /** The transaction's own number in the database, by which a lost connection can be judged. */
  number: number;
  done: () => void;
}

/**
 * A connection as Kysely sees it. Every change is a transaction that holds the writers' lock. When the connection is lost
 * it is settled whether the change was kept: reads and single statements are then repeated, a transaction throws
 * HF_STATE_INTERRUPTED, and may be repeated because nothing of it was kept. Throws HF_STATE_UNREACHABLE.
 */
export class Session implements DatabaseConnection {
  readonly #server: Server;
  #client: PoolClient | undefined;
  #writing: Writing | undefined;
  #inTransaction = false;

  constructor(server: Server) {
    this.#server = server;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#inTransaction) return await this.#send(query);
    return await this.#repeated(async () => {
      if (SelectQueryNode.is(query.query)) return await this.#send<R>(query);
      await this.begin({});
      try {
        const result = await this.#send<R>(query);
        await this.commit();
        return result;
      } finally {
        await this.rollback();
      }
    });
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  async begin({ accessMode, isolationLevel }: TransactionSettings): Promise<void> {
    const level = isolationLevel === undefined ? "" : ` isolation level ${isolationLevel}`;
    if (accessMode === "read only") {
      await this.#repeated(async () => await this.#ask(`start transaction${level} read only`));
      this.#inTransaction = true;
      return;
    }
    const done = await this.#server.turn();
    try {
      const [row] = await this.#repeated(
        async () =>
          await this.#ask<{ number: number }>(
            `start transaction${level}; select txid_current() as number, pg_advisory_xact_lock(${writersLock})`,
          ),
      );
      if (row === undefined) throw new Error("PostgreSQL gave the transaction no number");
      this.#writing = { number: row.number, done };
      this.#inTransaction = true;
    } catch (error) {
      done();
      // It may have begun, and waited too long for the lock.
      this.#client?.release(true);
      this.#client = undefined;
      throw error;
    }
  }

  async commit(): Promise<void> {
    const number = this.#writing?.number;
    try {
      const { command } = await this.#tell("commit");
      // PostgreSQL answers so, without an error, when a statement of the transaction had failed.
      if (command === "ROLLBACK") throw new Error("A transaction with a failed statement was to be committed");
    } catch (error) {
      this.#end();
      if (!isFailure(error, "HF_STATE_INTERRUPTED")) throw error;
      if (number === undefined || !(await this.#wasKept(number))) throw error;
    }
    this.#end();
  }

  async rollback(): Promise<void> {
    if (!this.#inTransaction) return;
    try {
      if (this.#client !== undefined) await this.#tell("rollback");
    } catch (error) {
      // With the connection its transaction is gone as well.
      if (!isFailure(error, "HF_STATE_INTERRUPTED")) throw error;
    } finally {
      this.#end();
    }
  }

  release(): Promise<void> {
    this.#client?.release();
    this.#client = undefined;
    return Promise.resolve();
  }

  #end(): void {
    this.#inTransaction = false;
    this.#writing?.done();
    this.#writing = undefined;
  }

  async #repeated<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt === attempts || !isFailure(error, "HF_STATE_INTERRUPTED")) throw error;
      }
    }
  }

  async #send<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount, command } = await this.#tell<R & object>(query.sql, query.parameters);
    const changed = command === "INSERT" || command === "UPDATE" || command === "DELETE" || command === "MERGE";
    return { rows, ...(changed ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
  }

  async #ask<R extends object>(text: string): Promise<R[]> {
    return (await this.#tell<R>(text)).rows;
  }

  /** Of several statements the last one's answer is given. A connection that is lost or in doubt is never used again. */
  async #tell<R extends object>(text: string, parameters: readonly unknown[] = []): Promise<Answer<R>> {
    if (this.#client === undefined && this.#inTransaction) throw this.#interrupted(new Error("The connection is lost"));
    const client = (this.#client ??= await this.#connect());
    try {
      const answer = (await client.query<R>(text, [...parameters])) as Answer<R> | Answer<R>[];
      const last = Array.isArray(answer) ? answer.at(-1) : answer;
      if (last === undefined) throw new Error("PostgreSQL gave no answer");
      return last;
    } catch (error) {
      if (isLost(error)) {
        this.#client = undefined;
        client.release(true);
        throw this.#interrupted(error);
      }
      throw isConflict(error) ? this.#interrupted(error) : error;
    }
  }

  #interrupted(cause: unknown): Error {
    return failure("HF_STATE_INTERRUPTED", { path: this.#server.place, detail: redact(reasonOf(cause)) }, { cause });
  }

  async #connect(): Promise<PoolClient> {
    const { pool, place, patienceMs } = this.#server;
    const began = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await pool.connect();
      } catch (error) {
        if (!isLost(error) || performance.now() - began > patienceMs) {
          throw failure("HF_STATE_UNREACHABLE", { path: place, detail: redact(reasonOf(error)) }, { cause: error });
        }
        await sleep(Math.min(50 * attempt, 1000));
      }
    }
  }

  /** Whether a transaction was kept whose commit was sent, and whose answer was lost. */
  async #wasKept(number: number): Promise<boolean> {
    for (;;) {
      const [row] = await this.#repeated(
        async () => await this.#ask<{ status: string | null }>(`select txid_status(${number}) as status`),
      );
      if (row?.status === "committed") return true;
      if (row?.status === "aborted") return false;
      if (row?.status !== "in progress") throw new Error(`PostgreSQL no longer knows transaction ${number}`);
      // Its old server process has not yet taken note that nobody is there.
      await sleep(50);
    }
  }
}
