// Streams: chunks that runs write for readers, in both generations of the interface.

import { randomUUID } from 'node:crypto';

import { encode } from './values.js';

const WRITE = 'select workflow_pg.json_write_stream($1, $2, $3::bytea[], $4::jsonb)::text';
const CLOSE = 'select workflow_pg.json_close_stream($1, $2)::text';
const INFO = 'select workflow_pg.json_get_stream_info($1, $2)::text';
const READ = 'select workflow_pg.json_read_stream($1, $2, $3::jsonb)::text';
const LIST = 'select workflow_pg.json_list_streams($1)::text';

const WRITE_LIMIT = 1000;
const PAGE = 100;

const bytesOf = (chunk) =>
  typeof chunk === 'string'
    ? Buffer.from(chunk, 'utf8')
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/**
 * Streams of a World.
 *
 * @param database of the World
 * @param watcher where readers wait for more
 */
export function createStreams(database, watcher) {
  const write = (runId, name, chunks, params) =>
    database.call(WRITE, [runId, name, chunks.map(bytesOf), encode(params)]);
  const read = (runId, name, params) => database.call(READ, [runId, name, encode(params)]);

  /** A repeat of a write that was answered too late is no other write. */
  async function writeAll(runId, name, chunks) {
    const writerId = randomUUID();
    for (let first = 0; first < chunks.length; first += WRITE_LIMIT) {
      const some = chunks.slice(first, first + WRITE_LIMIT);
      await write(runId, name, some, { writerId, chunkSeq: first });
    }
  }

  /** Chunks from an index on, as they come, until the stream is closed. */
  function follow(runId, name, startIndex = 0) {
    const cancelled = new AbortController();
    let next = startIndex;
    return new ReadableStream({
      async pull(controller) {
        for (;;) {
          const page = await read(runId, name, { startIndex: next, limit: PAGE });
          if (cancelled.signal.aborted) return;
          const last = page.data.at(-1);
          if (last) next = last.index + 1;
          else if (next < 0) next = Math.max(0, page.tailIndex + 1 + next);
          // An empty chunk has an index, but a byte stream has nothing to say about it.
          const filled = page.data.filter((chunk) => chunk.data.length > 0);
          for (const chunk of filled) controller.enqueue(chunk.data);
          if (page.done && next > page.tailIndex) {
            controller.close();
            return;
          }
          if (filled.length > 0) return;
          if (!last) await watcher.wait(runId, name, next, cancelled.signal);
        }
      },
      cancel: () => cancelled.abort(),
    });
  }

  const close = async (runId, name) => void (await database.call(CLOSE, [runId, name]));
  const info = async (runId, name) => {
    const { tailIndex, done } = await database.call(INFO, [runId, name]);
    return { tailIndex, done };
  };
  const list = (runId) => database.call(LIST, [runId]);
  const chunks = async (runId, name, options = {}) => {
    const { tailIndex: _, ...page } = await read(runId, name, options);
    return page;
  };
  const session = (runId, name, { writerId }) => ({
    write: async (chunkSeq, some) => void (await write(runId, name, some, { writerId, chunkSeq })),
    close: () => close(runId, name),
  });

  return {
    // 5.x: the run comes first.
    streams: {
      write: (runId, name, chunk) => writeAll(runId, name, [chunk]),
      writeMulti: writeAll,
      close,
      get: async (runId, name, startIndex) => follow(runId, name, startIndex),
      list,
      getChunks: chunks,
      getInfo: info,
      createWriteSession: session,
    },
    // 4.x: the name comes first, and readers know no run: the name says whose it is.
    writeToStream: (name, runId, chunk) => writeAll(runId, name, [chunk]),
    writeToStreamMulti: (name, runId, some) => writeAll(runId, name, some),
    closeStream: (name, runId) => close(runId, name),
    readFromStream: async (name, startIndex) => follow(null, name, startIndex),
    listStreamsByRunId: list,
    getStreamChunks: (name, runId, options) => chunks(runId, name, options),
    getStreamInfo: (name, runId) => info(runId, name),
  };
}
