// What is being handled, for the calls that its handler makes.
//
// While a delivery is held, events of its run leave no wake-up: the handler goes on by
// itself, and if it dies its lease ends and the message comes back.
//
// Kept in one place of the process: a bundler may load this module twice, and 4.x makes
// one World for its handlers and another for its calls.

import { AsyncLocalStorage } from 'node:async_hooks';

const KEY = Symbol.for('world-workflow-pg//context');
const shared = (globalThis[KEY] ??= { storage: new AsyncLocalStorage(), held: new Map() });

/** Header of a delivery that says which lease its handler works under. */
export const LEASE_HEADER = 'x-workflow-pg-lease';

/** The deliveries that workers of this process have in hand, by their lease token. */
export const { held } = shared;

/** Run `handler` as the one that holds a delivery. */
export const within = (delivery, handler) => shared.storage.run(delivery, handler);

/** The delivery that the caller is handling, if it is. */
export const current = () => shared.storage.getStore();
