// Streams against a real database, in both generations of the interface.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Database } from '../src/database.js';
import { ulid } from '../src/ids.js';
import { Watcher } from '../src/watcher.js';
import { bytes, newRunId, newWorld } from './support.js';

const text = (chunk) => new TextDecoder().decode(chunk);

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(text(chunk));
  return chunks;
}

test('a reader gets what was written and what is being written, until the end', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  await world.streams.write(runId, 'news', 'one');
  const reading = all(await world.streams.get(runId, 'news'));
  await world.streams.writeMulti(runId, 'news', [bytes('two'), '', 'thrée']);
  await world.streams.close(runId, 'news');
  await world.streams.close(runId, 'news');
  assert.deepEqual(await reading, ['one', 'two', 'thrée']);
  assert.deepEqual(await world.streams.getInfo(runId, 'news'), { tailIndex: 3, done: true });
  assert.deepEqual(await world.streams.list(runId), ['news']);
});

test('a reader begins where it is told, also from the end', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  await world.streams.writeMulti(runId, 's', ['0', '1', '2', '3']);
  await world.streams.close(runId, 's');
  assert.deepEqual(await all(await world.streams.get(runId, 's', 2)), ['2', '3']);
  assert.deepEqual(await all(await world.streams.get(runId, 's', -1)), ['3']);
  assert.deepEqual(await all(await world.streams.get(runId, 's', -9)), ['0', '1', '2', '3']);
  assert.deepEqual(await all(await world.streams.get(runId, 's', 4)), []);
});

test('pages of a stream', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  await world.streams.writeMulti(runId, 's', ['a', 'b', 'c']);
  const first = await world.streams.getChunks(runId, 's', { limit: 2 });
  assert.deepEqual(
    first.data.map(({ index, data }) => [index, text(data)]),
    [
      [0, 'a'],
      [1, 'b'],
    ],
  );
  assert.equal(first.hasMore, true);
  const last = await world.streams.getChunks(runId, 's', { limit: 2, cursor: first.cursor });
  assert.deepEqual(last, {
    data: [{ index: 2, data: bytes('c') }],
    cursor: null,
    hasMore: false,
    done: false,
  });
});

test('4.x names the stream first, and its readers no run', async (t) => {
  const world = await newWorld(t);
  const id = ulid();
  const [runId, name] = [`wrun_${id}`, `strm_${id}_user`];
  const reading = all(await world.readFromStream(name));
  await world.writeToStream(name, runId, 'one');
  await world.writeToStreamMulti(name, runId, ['two']);
  await world.closeStream(name, runId);
  assert.deepEqual(await reading, ['one', 'two']);
  assert.deepEqual(await world.getStreamInfo(name, runId), { tailIndex: 1, done: true });
  assert.equal((await world.getStreamChunks(name, runId)).data.length, 2);
  assert.deepEqual(await world.listStreamsByRunId(runId), [name]);
});

test('a session writes what it repeats once', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  const session = world.streams.createWriteSession(runId, 's', { writerId: 'wrtr_1' });
  await session.write(0, ['a', 'b']);
  await session.write(0, ['a', 'b']);
  await session.write(2, ['c']);
  await session.close();
  assert.deepEqual(await all(await world.streams.get(runId, 's')), ['a', 'b', 'c']);
});

test('a reader that is cancelled, or whose World closes, does not wait on', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  const reader = (await world.streams.get(runId, 's')).getReader();
  const pending = reader.read();
  await reader.cancel();
  assert.deepEqual(await pending, { done: true, value: undefined });

  const other = await newWorld(t);
  const waiting = all(await other.streams.get(runId, 's'));
  waiting.catch(() => {});
  await other.streams.getInfo(runId, 's');
  await other.close();
  await assert.rejects(waiting, /closed/);
});

test('many readers of one stream are all told', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  const streams = await Promise.all(
    Array.from({ length: 30 }, () => world.streams.get(runId, 's')),
  );
  const readings = Promise.all(streams.map(all));
  await world.streams.write(runId, 's', 'x');
  await world.streams.close(runId, 's');
  for (const reading of await readings) assert.deepEqual(reading, ['x']);
});

test('a reader is told of news, however many wait for others', async (t) => {
  const world = await newWorld(t);
  const database = new Database({ dsn: process.env.WORKFLOW_PG_DSN });
  const watcher = new Watcher(database);
  t.after(() => watcher.close().then(() => database.close()));
  const runId = newRunId();
  await world.streams.write(runId, 'busy', 'x');
  const { signal } = new AbortController();
  const idle = Array.from({ length: 1_000 }, () => watcher.wait(runId, 'idle', 0, signal));
  for (const waiting of idle) waiting.catch(() => {});
  await watcher.wait(runId, 'busy', 0, signal);
});
