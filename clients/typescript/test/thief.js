// A thread that claims all it can get, until it is told to tell what it got.

import { parentPort, workerData } from 'node:worker_threads';

import { Database } from '../src/database.js';

const database = new Database({ dsn: workerData.dsn, poolSize: 1 });
const params = JSON.stringify({
  workerId: 'thief',
  deploymentId: workerData.deployment,
  limit: 10,
});
const stolen = [];
const timer = setInterval(async () => {
  const query = 'select workflow_pg.json_claim_messages($1::jsonb)::text';
  stolen.push(...(await database.call(query, [params])));
}, 100);

parentPort.once('message', async () => {
  clearInterval(timer);
  await database.close();
  parentPort.postMessage(stolen);
});
