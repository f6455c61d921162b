// The connections of one World: a pool for calls, and one connection that listens.

import pg from 'pg';

import { readDsn } from './dsn.js';
import { isTransient, translate } from './errors.js';
import { decode } from './values.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const RECONNECT_MS = 1_000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Calls of functions, repeated while the database does not answer. */
export class Database {
  #options;
  #listenOptions;
  #patienceMs;
  #pool;
  #isClosed = false;

  /**
   * @param options `dsn`, `listenDsn` past a pooler, `poolSize`, `patienceMs` for which
   *   a call is repeated while the database does not answer
   */
  constructor({ dsn, listenDsn, poolSize = 10, patienceMs = 30_000 }) {
    const shared = { application_name: 'world-workflow-pg', keepAlive: true };
    this.#options = { ...shared, ...readDsn(dsn), max: poolSize, allowExitOnIdle: true };
    this.#listenOptions = { ...shared, ...readDsn(listenDsn ?? dsn) };
    this.#patienceMs = patienceMs;
  }

  /**
   * The JSON value of a query with one row of one column of text.
   *
   * @param text the statement, the same text each time it is used
   * @param values its parameters
   * @param options `revive` false: bytes stay tagged; `eventType` for the error
   */
  async call(text, values, { revive = true, eventType, signal } = {}) {
    const until = Date.now() + this.#patienceMs;
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      try {
        const { rows } = await this.#connected().query({ text, values, rowMode: 'array' });
        const answer = rows[0]?.[0] ?? null;
        if (answer === null) return null;
        return revive ? decode(answer) : JSON.parse(answer);
      } catch (error) {
        const isOver = Date.now() + pause > until || signal?.aborted || this.#isClosed;
        if (isOver || !isTransient(error)) throw translate(error, eventType);
        await sleep(pause * (0.5 + Math.random() / 2));
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** Rows of a query, as arrays; not repeated. */
  async rows(text, values) {
    try {
      return (await this.#connected().query({ text, values, rowMode: 'array' })).rows;
    } catch (error) {
      throw translate(error);
    }
  }

  /**
   * Tell `onHint` the payload of each notification of a channel, until the answer is called.
   *
   * Hints only: while the connection is away nothing is told, and who waits for them polls.
   * `onHint` is also called without a payload when the connection has been made.
   */
  listen(channel, onHint) {
    let client;
    let timer;
    let isOver = false;
    const again = (lost) => {
      // One that ends late has been replaced by then.
      if (client !== lost) return;
      client = undefined;
      if (isOver) return;
      timer = setTimeout(connect, RECONNECT_MS);
      timer.unref();
    };
    const connect = async () => {
      timer = undefined;
      const made = new pg.Client(this.#listenOptions);
      client = made;
      made.on('error', () => again(made));
      made.on('end', () => again(made));
      made.on('notification', ({ payload }) => onHint(payload));
      try {
        await made.connect();
        await made.query(`listen ${channel}`);
        // Who waits for hints also polls: that keeps the process alive, not this.
        made.unref();
        onHint();
      } catch {
        made.end().catch(() => {});
        again(made);
      }
    };
    connect();
    return () => {
      isOver = true;
      clearTimeout(timer);
      client?.ref();
      return client?.end().catch(() => {});
    };
  }

  /** End all connections; calls under way are finished. */
  async close() {
    this.#isClosed = true;
    await this.#pool?.end();
  }

  #connected() {
    if (this.#isClosed) throw new Error('this World is closed');
    if (!this.#pool) {
      this.#pool = new pg.Pool(this.#options);
      // A connection that is lost while it is idle: the next call makes another.
      this.#pool.on('error', () => {});
    }
    return this.#pool;
  }
}
