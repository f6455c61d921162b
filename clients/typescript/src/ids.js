// Ids that are drawn before the first try of a call, so that a repeat of it is known.

import { randomBytes, randomUUID } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID of now. */
export function ulid() {
  let time = Date.now();
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = CROCKFORD[time % 32] + text;
    time = Math.floor(time / 32);
  }
  for (const byte of randomBytes(16)) text += CROCKFORD[byte & 31];
  return text;
}

/** An id for a queue message. */
export const messageId = () => `msg_${ulid()}`;

/** A key under which a repeated append returns its first answer. */
export const dedupKey = () => randomUUID();
