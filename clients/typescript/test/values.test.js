import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';

import { readDsn } from '../src/dsn.js';
import { ulid } from '../src/ids.js';
import { asEvent, decode, encode } from '../src/values.js';

const there = (value) => decode(encode(value));

test('bytes go through JSON unchanged, empty ones and a part of a buffer too', () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const part = all.subarray(3, 9);
  const back = there({ all, part, none: new Uint8Array(), node: Buffer.from('x') });
  assert.deepEqual(back, { all, part, none: new Uint8Array(), node: new Uint8Array([120]) });
  assert.equal(back.node.constructor, Uint8Array);
});

test('bytes of another realm are bytes', () => {
  const foreign = vm.runInNewContext('new Uint8Array([1, 2])');
  assert.deepEqual(there([foreign]), [new Uint8Array([1, 2])]);
});

test('what merely resembles bytes stays what it is', () => {
  const alike = { __type: 'Uint8Array', data: 5 };
  assert.deepEqual(there({ alike, list: [1, null] }), { alike, list: [1, null] });
});

test('times of an event become Dates, those of the caller stay text', () => {
  const time = '2026-11-26T10:52:32.123Z';
  const event = asEvent({
    createdAt: time,
    eventData: { resumeAt: time, executionContext: { createdAt: time } },
  });
  assert.equal(event.createdAt.toISOString(), time);
  assert.equal(event.eventData.resumeAt.getTime(), Date.parse(time));
  assert.equal(event.eventData.executionContext.createdAt, time);
});

test('a ULID is of now, and no two are the same', () => {
  const drawn = new Set(Array.from({ length: 1000 }, ulid));
  assert.equal(drawn.size, 1000);
  for (const id of drawn) assert.match(id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});

test('a DSN is a URL or keywords and values', () => {
  assert.deepEqual(readDsn('postgresql://u@h:1/db'), {
    connectionString: 'postgresql://u@h:1/db',
  });
  assert.deepEqual(readDsn("host=/run/pg port=5433 dbname='my \\'db' user=ann"), {
    host: '/run/pg',
    port: 5433,
    database: "my 'db",
    user: 'ann',
  });
  assert.throws(() => readDsn('just words'), /neither a URL nor keywords/);
});
