// Where readers of streams wait for more: one poll for all of a process, and hints.

import { randomUUID } from 'node:crypto';

const ANNOUNCE =
  'select workflow_pg.announce_readers($1::text[], $2::text[], $3::text[], $4::bigint[])';
const CHANNEL = 'workflow_pg_streams';
const POLL_MS = 1_000;
const READERS_PER_CALL = 1_000;
const OF_SDK = /^strm_([0-9A-HJKMNP-TV-Z]{26})_/;

/** Readers that wait. The poll is what they rest on; a hint only spares them its pause. */
export class Watcher {
  #database;
  #waiting = new Map();
  #stopListening;
  #timer;
  #isClosed = false;

  constructor(database) {
    this.#database = database;
  }

  /** Resolves when there may be more of a stream from an index on. Rejects when the World is closed. */
  wait(runId, name, index, signal) {
    if (this.#isClosed) return Promise.reject(new Error('this World is closed'));
    this.#stopListening ??= this.#database.listen(CHANNEL, (reader) => this.#hint(reader));
    const reader = randomUUID();
    const owner = runId ?? (OF_SDK.test(name) ? `wrun_${OF_SDK.exec(name)[1]}` : name);
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(reader);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#waiting.set(reader, { owner, name, index, wake, reject });
      this.#lookIn(0);
    });
  }

  /** Let nobody wait any more. */
  async close() {
    this.#isClosed = true;
    clearTimeout(this.#timer?.handle);
    for (const { reject } of this.#waiting.values()) reject(new Error('this World is closed'));
    this.#waiting.clear();
    await this.#stopListening?.();
  }

  #hint(reader) {
    // Without a reader: the connection is new, and what came before was not heard.
    if (reader === undefined) this.#lookIn(0);
    else this.#waiting.get(reader)?.wake();
  }

  #lookIn(milliseconds) {
    const at = Date.now() + milliseconds;
    if (this.#isClosed || this.#waiting.size === 0 || this.#timer?.at <= at) return;
    clearTimeout(this.#timer?.handle);
    this.#timer = { at, handle: setTimeout(() => this.#look(), milliseconds) };
  }

  async #look() {
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    for (let first = 0; first < waiting.length; first += READERS_PER_CALL) {
      await this.#ask(waiting.slice(first, first + READERS_PER_CALL));
    }
    this.#lookIn(POLL_MS);
  }

  async #ask(readers) {
    try {
      const found = await this.#database.rows(ANNOUNCE, [
        readers.map(([reader]) => reader),
        readers.map(([, { owner }]) => owner),
        readers.map(([, { name }]) => name),
        readers.map(([, { index }]) => index),
      ]);
      for (const [reader] of found) this.#waiting.get(reader)?.wake();
    } catch {
      // The next look says whether there is more; reading tells what is wrong.
      for (const [, { wake }] of readers) wake();
    }
  }
}
