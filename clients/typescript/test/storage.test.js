// Runs, steps, hooks and events against a real database.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import createStableWorld, { createWorld } from '../src/index.js';
import { bytes, newRun, newRunId, newWorld, STEP, WORKFLOW } from './support.js';

const named = (name) => (error) => error.name === name;
const lazily = { stepName: STEP, workflowName: WORKFLOW, input: bytes('args') };

test('a run goes from its creation to its output, and its log tells it', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  const deploymentId = await world.getDeploymentId();
  const created = await world.events.create(
    runId,
    {
      eventType: 'run_created',
      specVersion: 5,
      eventData: {
        deploymentId,
        workflowName: WORKFLOW,
        input: bytes('in'),
        executionContext: { features: { encryption: false }, createdAt: 'a text' },
        attributes: { colour: 'blue' },
      },
    },
    { v1Compat: false },
  );
  assert.equal(created.run.runId, runId);
  assert.equal(created.run.status, 'pending');
  assert.deepEqual(created.run.input, bytes('in'));
  assert.deepEqual(created.run.attributes, { colour: 'blue' });
  assert.ok(created.run.createdAt instanceof Date);

  const started = await world.events.create(runId, { eventType: 'run_started', specVersion: 5 });
  assert.equal(started.run.status, 'running');
  assert.ok(started.run.startedAt instanceof Date);
  assert.deepEqual(
    started.events.map((event) => event.eventType),
    ['run_created', 'run_started'],
  );
  const again = await world.events.create(runId, { eventType: 'run_started', specVersion: 5 });
  assert.equal(again.event, undefined);
  assert.equal(+again.run.startedAt, +started.run.startedAt);

  const step = await world.events.create(runId, {
    eventType: 'step_started',
    correlationId: 'step_1',
    eventData: lazily,
  });
  assert.equal(step.stepCreated, true);
  assert.equal(step.step.attempt, 1);
  assert.deepEqual(step.step.input, bytes('args'));
  await world.events.create(runId, {
    eventType: 'step_completed',
    correlationId: 'step_1',
    eventData: { result: bytes('out\0'), ttfs: 3, optimizations: ['turbo'] },
  });
  const done = await world.events.create(runId, {
    eventType: 'run_completed',
    eventData: { output: bytes('') },
  });
  assert.equal(done.run.status, 'completed');

  const run = await world.runs.get(runId);
  assert.equal(run.output.length, 0);
  assert.equal(run.executionContext.createdAt, 'a text');
  assert.ok(run.completedAt instanceof Date);
  const bare = await world.runs.get(runId, { resolveData: 'none' });
  assert.ok(!('output' in bare) && !('input' in bare));

  const page = await world.events.list({ runId, pagination: { sortOrder: 'asc', limit: 3 } });
  assert.equal(page.hasMore, true);
  const rest = await world.events.list({ runId, pagination: { cursor: page.cursor } });
  const log = [...page.data, ...rest.data];
  assert.deepEqual(
    log.map((event) => event.eventType),
    [
      'run_created',
      'run_started',
      'step_created',
      'step_started',
      'step_completed',
      'run_completed',
    ],
  );
  assert.deepEqual(log[4].eventData.result, bytes('out\0'));
  const end = await world.events.list({ runId, pagination: { cursor: rest.cursor } });
  assert.deepEqual(end.data, []);
  assert.deepEqual(await world.events.get(runId, log[4].eventId), log[4]);
  const ofStep = await world.events.listByCorrelationId({ runId, correlationId: 'step_1' });
  assert.equal(ofStep.data.length, 3);
  assert.equal((await world.steps.get(runId, 'step_1')).status, 'completed');
  assert.equal((await world.steps.list({ runId })).data.length, 1);
});

test('what the state forbids is refused by the class that the runtimes know', async (t) => {
  const world = await newWorld(t);
  const runId = await newRun(world);
  const create = (eventType, correlationId, eventData) =>
    world.events.create(runId, { eventType, correlationId, eventData });

  await assert.rejects(newRun(world, { input: undefined }), named('WorkflowWorldError'));
  await assert.rejects(create('step_started', 'step_0'), named('WorkflowWorldError'));
  await create('step_started', 'step_1', lazily);
  await assert.rejects(create('step_started', 'step_1', lazily), named('EntityConflictError'));
  await create('step_retrying', 'step_1', {
    error: bytes('boom'),
    retryAfter: new Date(Date.now() + 60_000),
  });
  await assert.rejects(create('step_started', 'step_1'), (error) => {
    assert.equal(error.name, 'TooEarlyError');
    assert.ok(error.retryAfter > 55 && error.retryAfter <= 60);
    return true;
  });
  await assert.rejects(
    create('hook_received', 'hook_1', { payload: bytes('p') }),
    named('HookNotFoundError'),
  );
  await assert.rejects(world.hooks.getByToken('nobody'), named('HookNotFoundError'));
  await assert.rejects(world.hooks.get('nobody'), named('HookNotFoundError'));
  await assert.rejects(world.runs.get(newRunId()), named('WorkflowRunNotFoundError'));
  await create('run_cancelled');
  await assert.rejects(create('run_started'), named('RunExpiredError'));
  await assert.rejects(create('run_completed', undefined, {}), named('EntityConflictError'));
  await assert.rejects(
    world.events.create(newRunId(), { eventType: 'run_started' }),
    named('WorkflowRunNotFoundError'),
  );
  await assert.rejects(
    world.events.create(runId, {
      eventType: 'run_failed',
      specVersion: 9,
      eventData: { error: bytes('e') },
    }),
    named('RunNotSupportedError'),
  );
});

test('a start that finds no run creates it', async (t) => {
  const world = await newWorld(t);
  const runId = newRunId();
  const deploymentId = await world.getDeploymentId();
  const eventData = { deploymentId, workflowName: WORKFLOW, input: bytes('in') };
  const { run } = await world.events.create(
    runId,
    { eventType: 'run_started', specVersion: 5, eventData },
    { skipPreload: true },
  );
  assert.equal(run.status, 'running');
  await assert.rejects(
    world.events.create(runId, { eventType: 'run_created', specVersion: 5, eventData }),
    named('EntityConflictError'),
  );
});

test('a token belongs to one hook; who comes second is told whose it is', async (t) => {
  const world = await newWorld(t);
  const [owner, other] = [await newRun(world), await newRun(world)];
  const token = `token-${owner}`;
  const create = (runId, eventType, eventData) =>
    world.events.create(runId, { eventType, correlationId: 'hook_1', eventData });

  const { hook } = await create(owner, 'hook_created', { token, metadata: bytes('m') });
  assert.deepEqual(hook.metadata, bytes('m'));
  const second = await create(other, 'hook_created', { token });
  assert.equal(second.event.eventType, 'hook_conflict');
  assert.deepEqual(second.event.eventData, { token, conflictingRunId: owner });
  assert.equal(second.hook, undefined);
  await assert.rejects(create(owner, 'hook_created', { token }), named('EntityConflictError'));

  const found = await world.hooks.getByToken(token);
  assert.equal(found.runId, owner);
  assert.ok(found.createdAt instanceof Date);
  assert.deepEqual(await world.hooks.get('hook_1').then(({ hookId }) => hookId), 'hook_1');
  assert.equal((await world.hooks.list({ runId: owner })).data.length, 1);
  await create(owner, 'hook_received', { token, payload: bytes('p') });
  await create(owner, 'hook_disposed', { token });
  await assert.rejects(world.hooks.getByToken(token), named('HookNotFoundError'));
});

test('a resume with an id is recorded once, whoever brings it', async (t) => {
  const world = await newWorld(t);
  assert.equal(world.capabilities.hookResumeDedup, true);
  const runId = await newRun(world);
  const create = (eventType, eventData, params) =>
    world.events.create(runId, { eventType, correlationId: 'hook_1', eventData }, params);
  await create('hook_created', { token: `once-${runId}` });
  const resume = (resumePayloadDigest) =>
    create('hook_received', { payload: bytes('p') }, { resumeId: 'r1', resumePayloadDigest });
  const [first, again] = [await resume('d1'), await resume('d1')];
  assert.equal(again.event.eventId, first.event.eventId);
  assert.equal(first.event.resumeId, 'r1');
  await assert.rejects(resume('d2'), named('EntityConflictError'));
  const found = await world.hooks.getByToken(`once-${runId}`);
  assert.equal(found.resumeCapabilities.hookResumeDedupVersion, 1);
});

test('a token outlives its run where it is asked to, and resumes nothing', async (t) => {
  const world = await newWorld(t);
  assert.equal(world.capabilities.hookRetention.active, true);
  const [runId, other] = [await newRun(world), await newRun(world)];
  const create = (run, eventType, correlationId, eventData) =>
    world.events.create(run, { eventType, correlationId, eventData });
  const token = `kept-${runId}`;
  const tokenRetentionUntil = new Date(Date.now() + 60_000);
  const { hook } = await create(runId, 'hook_created', 'hook_1', { token, tokenRetentionUntil });
  assert.equal(+hook.tokenRetentionUntil, +tokenRetentionUntil);
  await create(runId, 'run_completed', undefined, { output: bytes('out') });
  assert.equal((await world.hooks.getByToken(token)).runId, runId);
  const second = await create(other, 'hook_created', 'hook_1', { token });
  assert.equal(second.event.eventType, 'hook_conflict');
  await assert.rejects(
    create(runId, 'hook_received', 'hook_1', { token, payload: bytes('p') }),
    named('HookNotFoundError'),
  );
});

test('errors of 4.x are read back as they are written, and those of 5.x as bytes', async (t) => {
  const world = await newWorld(t);
  const [old, young] = [await newRun(world), await newRun(world)];
  const fail = (runId, eventType, correlationId, eventData) =>
    world.events.create(runId, { eventType, correlationId, eventData });

  await fail(old, 'step_started', 'step_1', lazily);
  const { step } = await fail(old, 'step_failed', 'step_1', { error: 'boom', stack: 'at x' });
  assert.deepEqual(step.error, { message: 'boom', stack: 'at x' });
  await fail(old, 'run_failed', undefined, {
    error: { message: 'bang', stack: 'at y' },
    errorCode: 'USER_ERROR',
  });
  assert.deepEqual((await world.runs.get(old)).error, {
    message: 'bang',
    stack: 'at y',
    code: 'USER_ERROR',
  });

  await fail(young, 'run_failed', undefined, { error: bytes('devl'), errorCode: 'USER_ERROR' });
  const run = await world.runs.get(young);
  assert.deepEqual(run.error, bytes('devl'));
  assert.equal(run.errorCode, 'USER_ERROR');
});

test('waits, attributes and many runs at once', async (t) => {
  const world = await newWorld(t);
  const [runId, second] = [await newRun(world), await newRun(world)];
  const resumeAt = new Date(Date.now() + 3_600_000);
  const { wait, event } = await world.events.create(runId, {
    eventType: 'wait_created',
    correlationId: 'wait_1',
    eventData: { resumeAt },
  });
  assert.equal(+wait.resumeAt, +resumeAt);
  assert.equal(+event.eventData.resumeAt, +resumeAt);
  const batch = await world.events.createBatch(runId, [
    { event: { eventType: 'wait_completed', correlationId: 'wait_1' } },
    { event: { eventType: 'wait_completed', correlationId: 'wait_2' } },
  ]);
  assert.deepEqual(
    batch.results.map(({ status }) => status),
    [200, 404],
  );
  assert.ok(batch.results[0].wait.completedAt instanceof Date);

  const { attributes } = await world.runs.experimentalSetAttributes(runId, [
    { key: 'tenant', value: runId },
  ]);
  assert.deepEqual(attributes, { tenant: runId });
  await assert.rejects(
    world.runs.experimentalSetAttributes(runId, [{ key: 'k', value: 'x'.repeat(300) }]),
    named('AttributeValidationError'),
  );

  const unknown = newRunId();
  const many = await world.runs.getMany([second, unknown, runId], { resolveData: 'none' });
  assert.deepEqual(
    many.map((run) => run?.runId ?? null),
    [second, null, runId],
  );
  const cancelled = await world.runs.cancelMany({
    runIds: [runId, second],
    cancelReason: 'enough',
  });
  assert.equal(cancelled.summary.cancelled, 2);
  const listed = await world.runs.list({ workflowName: WORKFLOW, status: 'cancelled' });
  assert.ok(listed.data.some((run) => run.runId === runId));
  assert.ok(listed.data[0].createdAt instanceof Date);
  assert.deepEqual((await world.runs.list({ status: [] })).data, []);
});

test('a megabyte goes through', async (t) => {
  const world = await newWorld(t);
  const input = new Uint8Array(1_000_000).map((_, index) => index % 251);
  const runId = await newRun(world, { input });
  assert.deepEqual((await world.runs.get(runId)).input, input);
});

test('a World that cannot begin says why, and may begin later', async (t) => {
  const world = await newWorld(t, { dsn: 'postgresql://localhost:1/nowhere', patienceSeconds: 0 });
  for (const _ of [1, 2]) {
    await assert.rejects(world.start(), (error) => {
      assert.equal(error.name, 'WorkflowWorldError');
      assert.equal(error.code, 'TRANSPORT');
      return true;
    });
  }
});

test('without a database there is no World', async () => {
  const { WORKFLOW_PG_DSN: dsn } = process.env;
  delete process.env.WORKFLOW_PG_DSN;
  try {
    assert.throws(() => createStableWorld(), /set WORKFLOW_PG_DSN/);
    await assert.rejects(createWorld(), /set WORKFLOW_PG_DSN/);
  } finally {
    process.env.WORKFLOW_PG_DSN = dsn;
  }
});

test('the version of the protocol is the one of the runtime', async (t) => {
  const stable = createStableWorld();
  t.after(() => stable.close());
  assert.equal(stable.specVersion, 3);
  assert.equal((await newWorld(t, { specVersion: 7 })).specVersion, 7);
  await assert.rejects(createWorld(), /does not find @workflow\/world/);
});

test('what is not offered is not declared', async (t) => {
  const world = await newWorld(t);
  assert.deepEqual(Object.keys(world.capabilities).sort(), ['hookResumeDedup', 'hookRetention']);
  const optional = ['invoke', 'queueBatch', 'analytics', 'createRunId', 'describeRun', 'getEnvironment'];
  for (const name of [...optional, 'getRuntimeDeadline', 'getEncryptionKeyForRun']) {
    assert.equal(world[name], undefined, name);
  }
});
