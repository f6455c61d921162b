// The connection that listens.

import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';

import pg from 'pg';

import { Database } from '../src/database.js';
import { readDsn } from '../src/dsn.js';
import { until } from './support.js';

const REFUSAL = Buffer.from('\0\0\0\0SFATAL\0C57P03\0Mnot yet\0\0');

test('a connection that failed and ends late is replaced once', async (t) => {
  const real = new pg.Client(readDsn(process.env.WORKFLOW_PG_DSN));
  const open = new Set();
  let made = 0;
  let hints = 0;
  let late;
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    made += 1;
    client.on('error', () => {});
    if (made === 1) {
      late = client;
      REFUSAL.writeInt32BE(REFUSAL.length, 0);
      client.once('data', () => client.write(Buffer.concat([Buffer.from('E'), REFUSAL])));
      return;
    }
    open.add(client);
    const server = net.connect(real.port, real.host);
    server.on('error', () => {});
    client.on('close', () => open.delete(client) && server.destroy());
    client.pipe(server).pipe(client);
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const password = real.password ? `password='${real.password}'` : '';
  const dsn =
    `host=127.0.0.1 port=${proxy.address().port} user=${real.user} ` +
    `dbname=${real.database} ${password}`;
  const stop = new Database({ dsn }).listen('c', () => (hints += 1));
  await until(() => hints === 1);
  late.destroy();
  // In vain: for longer than a new connection is waited for.
  await until(() => made > 2, 'a third', 1_500).catch(() => {});
  await stop();
  await until(() => open.size === 0);
  assert.equal(made, 2);
});
