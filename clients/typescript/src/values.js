// Values as they go through JSON: bytes under a tag, times as ISO text.

const TAG = 'Uint8Array';

// By its brand, not by instanceof: workflow bodies run in a realm of their own.
const isBytes = (value) => Object.prototype.toString.call(value) === '[object Uint8Array]';

/** JSON text of a value; each Uint8Array in it becomes {__type, data}. */
export function encode(value) {
  return JSON.stringify(value, function (key, replaced) {
    // `replaced` has been through toJSON, which a Buffer has.
    const held = this[key];
    if (!isBytes(held)) return replaced;
    const bytes = Buffer.from(held.buffer, held.byteOffset, held.byteLength);
    return { __type: TAG, data: bytes.toString('base64') };
  });
}

/** The value of a JSON text, with a Uint8Array in place of each tag. */
export function decode(text) {
  return JSON.parse(text, (_key, value) => {
    const isTagged = value?.__type === TAG && typeof value.data === 'string';
    return isTagged ? new Uint8Array(Buffer.from(value.data, 'base64')) : value;
  });
}

const TIMES = [
  'createdAt',
  'updatedAt',
  'startedAt',
  'completedAt',
  'expiredAt',
  'occurredAt',
  'retryAfter',
  'resumeAt',
  'tokenRetentionUntil',
];

// Only keys of the object itself: what is inside executionContext is the caller's.
const withDates = (object) => {
  for (const key of TIMES) {
    if (typeof object[key] === 'string') object[key] = new Date(object[key]);
  }
  return object;
};

/** A run, step, hook or wait, with its times as Dates; null stays null. */
export const asEntity = (entity) => entity && withDates(entity);

/** An event, with its times and those of its data as Dates. */
export function asEvent(event) {
  if (event?.eventData) withDates(event.eventData);
  return event && withDates(event);
}

/** What a call that creates events returns. */
export function asResult(result) {
  for (const key of ['run', 'step', 'hook', 'wait']) asEntity(result[key]);
  asEvent(result.event);
  result.events?.forEach(asEvent);
  return result;
}

/** A page of entities or events. */
export function asPage(page, convert) {
  page.data.forEach(convert);
  return page;
}
