// Leases where there can be no thread.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Database } from '../src/database.js';
import { keepInThread } from '../src/keeper.js';
import { newRun, newWorld, until } from './support.js';

test('a thread that cannot work is replaced by a timer', async (t) => {
  t.mock.method(console, 'error', () => {});
  const world = await newWorld(t);
  await newRun(world);
  const deployment = await world.getDeploymentId();
  const database = new Database({ dsn: process.env.WORKFLOW_PG_DSN });
  t.after(() => database.close());
  const claim = () =>
    database.call('select workflow_pg.json_claim_messages($1::jsonb)::text', [
      JSON.stringify({ workerId: 'w', deploymentId: deployment, leaseSeconds: 1 }),
    ]);

  const settings = { dsn: 'no dsn', workerId: 'w', deployment, leaseSeconds: 1 };
  const keeper = keepInThread(database, settings);
  const [receipt] = await claim();
  keeper.add(receipt);
  await until(() => console.error.mock.callCount() === 1);
  await sleep(1_500);
  assert.deepEqual(await claim(), []);
  keeper.remove(receipt.leaseToken);
  await until(async () => (await claim()).length === 1);
  await keeper.stop();
});
