// Says that this process lives and keeps its deliveries, from a thread of its own.
//
// A step that computes keeps the event loop of the process busy, and may do so for longer
// than a lease lasts. Its delivery must not go to another process for that.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';

const EXTEND = 'select workflow_pg.json_extend_leases($1::jsonb, $2::jsonb)::text';
const HEARTBEAT = "select workflow_pg.heartbeat_worker($1, '{*}', '{*}', $2, $3)";
const BEAT_MS = 5_000;
const GOODBYE_MS = 1_000;

/** Announce a worker once; it is known when this resolves. */
export const beat = (database, { workerId, deployment, namespace }) =>
  database.rows(HEARTBEAT, [workerId, deployment, namespace ?? null]);

/**
 * Announce a worker again and again, and renew the leases of its deliveries.
 *
 * @returns `add(receipt)`, `remove(leaseToken)` and `stop()`
 */
export function keep(database, settings) {
  const { leaseSeconds } = settings;
  const params = JSON.stringify({ leaseSeconds });
  const receipts = new Map();
  const extend = () =>
    receipts.size > 0 && database.call(EXTEND, [JSON.stringify([...receipts.values()]), params]);
  // An error is no matter: the next one may succeed, and else the leases end.
  const every = (milliseconds, act) =>
    setInterval(() => Promise.resolve(act()).catch(() => {}), milliseconds);
  const timers = [
    every(BEAT_MS, () => beat(database, settings)),
    every((leaseSeconds * 1_000) / 3, extend),
  ];
  return {
    add: (receipt) => receipts.set(receipt.leaseToken, receipt),
    remove: (leaseToken) => receipts.delete(leaseToken),
    stop: () => timers.forEach(clearInterval),
  };
}

/** The same in a thread; in this one where there can be no other. */
export function keepInThread(database, settings) {
  const mine = new Map();
  let inPlace;
  const thread = new Thread(new URL('./keeper-thread.js', import.meta.url), {
    workerData: settings,
  });
  thread.unref();
  thread.on('error', (error) => {
    console.error('[world-workflow-pg] leases are kept in the main thread:', error);
    inPlace = keep(database, settings);
    mine.forEach(inPlace.add);
  });
  return {
    add: (receipt) => {
      mine.set(receipt.leaseToken, receipt);
      if (inPlace) inPlace.add(receipt);
      else thread.postMessage({ add: receipt });
    },
    remove: (leaseToken) => {
      mine.delete(leaseToken);
      if (inPlace) inPlace.remove(leaseToken);
      else thread.postMessage({ remove: leaseToken });
    },
    stop: async () => {
      inPlace?.stop();
      if (inPlace) return;
      const ended = once(thread, 'exit');
      thread.ref();
      thread.postMessage({ stop: true });
      await Promise.race([ended, sleep(GOODBYE_MS, undefined, { ref: false })]);
      await thread.terminate();
    },
  };
}
