// Fills a database through the storage API of @workflow/world-postgres, and prints what
// that API then reads: what an import has to be equal to.
//
//     node fill.mjs DSN COUNT            (from a directory where the package is installed)
//
// Deterministic but for ids and times. One line of JSON per run; bytes are {"$b": base64},
// times {"$d": ISO 8601}.

import { createWorld } from '@workflow/world-postgres';
import { SPEC_VERSION_CURRENT } from '@workflow/world';
import { monotonicFactory } from 'ulid';

const [dsn, count] = [process.argv[2], Number(process.argv[3])];
const world = createWorld({ connectionString: dsn, maxPoolSize: 4 });
const ulid = monotonicFactory();
const v5 = world.streams !== undefined;
const write = v5
  ? (id, name, chunk) => world.streams.write(id, name, chunk)
  : (id, name, chunk) => world.writeToStream(name, id, chunk);
const close = v5
  ? (id, name) => world.streams.close(id, name)
  : (id, name) => world.closeStream(name, id);
const bytes = (text) => new TextEncoder().encode(`devl${text}`);
// What an SDK of the version writes: bytes since 5.0, {message, stack} before.
const failure = (text) =>
  v5 ? { error: bytes(JSON.stringify([text])) } : { error: text, stack: `Error: ${text}\n  at x` };

async function create(n, options = {}) {
  const runId = `wrun_${ulid()}`;
  const eventData = {
    deploymentId: 'postgres',
    workflowName: options.name ?? `workflow//./orders//fulfil${n % 3}`,
    input: options.input ?? bytes(`[[1],${n}]`),
    executionContext: { workflowCoreVersion: '4.8.9', traceCarrier: { a: `${n}` } },
    ...(v5 && n % 2 ? { attributes: { tenant: `t${n % 5}`, gone: 'x' } } : {}),
  };
  const specVersion = n % 4 ? SPEC_VERSION_CURRENT : 2;
  const event = (eventType, correlationId, eventData) =>
    world.events.create(runId, {
      eventType,
      specVersion,
      ...(correlationId ? { correlationId } : {}),
      ...(eventData ? { eventData } : {}),
    });
  if (options.resilient) {
    await event('run_started', undefined, eventData);
  } else {
    await event('run_created', undefined, eventData);
  }
  return [runId, event];
}

async function step(event, id, stepName = 'step//./orders//charge') {
  await event('step_created', id, { stepName, input: bytes('[[1],"A17"]') });
  await event('step_started', id, { stepName, attempt: 1 });
}

const kinds = {
  async completed(n) {
    const [runId, event] = await create(n);
    await event('run_started');
    await step(event, `step_${n}`);
    await event('step_completed', `step_${n}`, { result: bytes(`"r${n}"`) });
    await event('run_completed', undefined, { output: bytes('[{"ok":1},true]') });
    return runId;
  },
  async failed(n) {
    const [runId, event] = await create(n, { resilient: true });
    await step(event, `step_${n}`);
    await event('step_retrying', `step_${n}`, { ...failure('once'), retryAfter: new Date(0) });
    await event('step_started', `step_${n}`, { stepName: 'step//./orders//charge' });
    await event('step_failed', `step_${n}`, failure('twice'));
    await event('run_failed', undefined, { error: failure('no').error, errorCode: 'USER_ERROR' });
    return runId;
  },
  async cancelled(n) {
    const [runId, event] = await create(n);
    await event('run_started');
    await step(event, `step_${n}`);
    await event('hook_created', `hook_${n}`, { token: `gone-${n}`, metadata: bytes('{}') });
    await event('wait_created', `wait_${n}`, { resumeAt: new Date(Date.now() + 1e9) });
    await event('run_cancelled', undefined, v5 ? { cancelReason: 'ordered twice' } : undefined);
    await event('run_cancelled');
    return runId;
  },
  async pending(n) {
    const name = 'workflow//orders//fulfil';
    // The arguments as the SDKs write them: one list.
    return (await create(n, { name, input: new TextEncoder().encode('devl[[1,2],"A17",4200]') }))[0];
  },
  async running(n) {
    const [runId, event] = await create(n);
    await event('run_started');
    await step(event, `step_a${n}`);
    await event('step_completed', `step_a${n}`, { result: bytes('7') });
    await step(event, `step_b${n}`);
    await event('step_created', `step_c${n}`, { stepName: 'step//./orders//charge', input: bytes('') });
    await step(event, `step_d${n}`);
    const retryAfter = new Date(Date.now() + 3.6e6);
    await event('step_retrying', `step_d${n}`, { ...failure('again'), retryAfter });
    if (v5) {
      await event('step_started', `step_e${n}`, { stepName: 'step//./lazy', input: bytes('lazy') });
    }
    return runId;
  },
  async hooked(n) {
    const [runId, event] = await create(n);
    await event('run_started');
    await event('hook_created', `hook_a${n}`, { token: `live-${n}`, metadata: bytes('"m"'), isWebhook: n % 2 > 0 });
    await event('hook_received', `hook_a${n}`, { payload: bytes('{"by":"Grace"}'), token: `live-${n}` });
    await event('hook_created', `hook_b${n}`, { token: `live-${n}` });
    await event('hook_created', `hook_c${n}`, { token: `free-${n}` });
    await event('hook_disposed', `hook_c${n}`, { token: `free-${n}` });
    return runId;
  },
  async waiting(n) {
    const [runId, event] = await create(n);
    await event('run_started');
    await event('wait_created', `wait_a${n}`, { resumeAt: new Date(Date.now() - 1000) });
    await event('wait_completed', `wait_a${n}`, {});
    await event('wait_created', `wait_b${n}`, { resumeAt: new Date(Date.now() - 500) });
    await event('wait_created', `wait_c${n}`, { resumeAt: new Date(Date.now() + 3.6e6) });
    return runId;
  },
  async streaming(n) {
    const [runId, event] = await create(n);
    await event('run_started');
    const name = `strm_${runId.slice(5)}_user`;
    for (let i = 0; i < 5; i++) await write(runId, name, bytes(`${i}`.repeat(i * 100)));
    await write(runId, `${name}_bG9n`, new Uint8Array([0, 255, 13]));
    await close(runId, name);
    // A reader of 5.0.0-beta.29 fails on it.
    if (!v5) await write(runId, name, bytes('too late'));
    await event('run_completed', undefined, n % 2 ? {} : { output: bytes('null') });
    return runId;
  },
  async plain(n) {
    // No bytes: what a caller of the storage API itself may store.
    const [runId, event] = await create(n, { input: [{ order: `A${n}`, cents: 4200, at: null }] });
    if (v5) {
      const changes = [{ key: 'tenant', value: 'moved' }, { key: 'gone', value: null }];
      await event('attr_set', `attr_${n}`, { changes, writer: { type: 'workflow' } });
      await world.runs.experimentalSetAttributes(runId, [{ key: 'colour', value: 'blue' }]);
    }
    await event('run_started');
    await step(event, `step_${n}`);
    await event('step_completed', `step_${n}`, { result: { nested: [1, 'two', null, false] } });
    await event('run_completed', undefined, { output: 0 });
    return runId;
  },
  async started(n) {
    const [runId, event] = await create(n, {
      name: 'workflow//orders//fulfil',
      input: new TextEncoder().encode('devl[[1,2],"B18",100]'),
    });
    await event('run_started');
    return runId;
  },
};

async function all(list, params) {
  const found = [];
  for (let cursor; ; ) {
    const page = await list({ ...params, pagination: { limit: 100, cursor } });
    found.push(...page.data);
    if (!page.hasMore) return found;
    cursor = page.cursor;
  }
}

async function streams(runId) {
  const names = v5 ? await world.streams.list(runId) : await world.listStreamsByRunId(runId);
  const found = {};
  for (const name of names.sort()) {
    const reader = (
      v5 ? await world.streams.get(runId, name, 0) : await world.readFromStream(name, 0)
    ).getReader();
    const info = v5 ? await world.streams.getInfo(runId, name) : await world.getStreamInfo(name, runId);
    const chunks = [];
    // An open stream is read for what its info tells; its reader would wait for more.
    while (info.done || chunks.length <= info.tailIndex) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
    }
    await reader.cancel().catch(() => {});
    found[name] = { chunks, done: info.done };
  }
  return found;
}

const tagged = (value) => {
  if (value instanceof Uint8Array) return { $b: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $d: value.toISOString() };
  if (Array.isArray(value)) return value.map(tagged);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, tagged(v)]),
    );
  }
  return value;
};

const names = Object.keys(kinds);
const made = [];
for (let n = 0; n < count; n++) {
  const kind = names[n % names.length];
  made.push([kind, await kinds[kind](n)]);
}
for (const [kind, runId] of made) {
  const seen = {
    kind,
    run: await world.runs.get(runId),
    steps: await all(world.steps.list, { runId }),
    hooks: await all(world.hooks.list, { runId }),
    events: await all(world.events.list, { runId }),
    streams: await streams(runId),
  };
  process.stdout.write(`${JSON.stringify(tagged(seen))}\n`);
}
await world.close();
process.exit(0);
