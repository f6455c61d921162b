// The thread of keeper.js: one connection, and what the main thread tells it.

import { parentPort, workerData } from 'node:worker_threads';

import { Database } from './database.js';
import { keep } from './keeper.js';

const database = new Database({ ...workerData, poolSize: 1, patienceMs: 0 });
const kept = keep(database, workerData);

parentPort.on('message', ({ add, remove, stop }) => {
  if (add) kept.add(add);
  if (remove) kept.remove(remove);
  if (stop) {
    kept.stop();
    parentPort.close();
    database.close();
  }
});
