// The queue from end to end: messages of a real database, delivered over real HTTP.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';

import { Database } from '../src/database.js';
import {
  bytes,
  newRun,
  newRunId,
  newWorld,
  QUEUE,
  serve,
  STEP,
  until,
  WORKFLOW,
} from './support.js';

const create = (world, runId, eventType, correlationId, eventData, params) =>
  world.events.create(runId, { eventType, correlationId, specVersion: 5, eventData }, params);

/** Start a run as start() of the runtimes does: its event and its message at once. */
async function start(world, queueName = QUEUE) {
  const runId = newRunId();
  const deploymentId = await world.getDeploymentId();
  const eventData = { deploymentId, workflowName: WORKFLOW, input: bytes('in') };
  await Promise.all([
    create(world, runId, 'run_created', undefined, eventData),
    world.queue(queueName, { runId, runInput: { ...eventData, specVersion: 5 } }, { deploymentId }),
  ]);
  return runId;
}

const ended = (world, runId) =>
  until(async () => {
    const run = await world.runs.get(runId).catch((error) => {
      if (error.name !== 'WorkflowRunNotFoundError') throw error;
    });
    return ['completed', 'failed', 'cancelled'].includes(run?.status) && run;
  }, `the end of ${runId}`);

/** No message of a run is left that somebody could deliver. */
const complete = async ({ runId }, { world }) => {
  await create(world, runId, 'run_started');
  await create(world, runId, 'run_completed', undefined, { output: bytes('out') });
};

test('a start is delivered once', async (t) => {
  const { world, deliveries } = await serve(t, {}, complete);
  const runIds = await Promise.all(Array.from({ length: 20 }, () => start(world)));
  await Promise.all(runIds.map((runId) => ended(world, runId)));
  assert.equal(deliveries.length, 20);
  for (const { message, attempt, queueName, messageId, route } of deliveries) {
    assert.ok(runIds.includes(message.runId));
    assert.equal(attempt, 1);
    assert.equal(queueName, QUEUE);
    assert.match(messageId, /^msg_/);
    assert.equal(route, 'flow');
  }
});

test('a namespace has queues of its own', async (t) => {
  const deployment = `ts-${newRunId()}`;
  const { deliveries: others, world: other } = await serve(t, { deployment }, complete);
  const queueName = `__billing_wkf_workflow_${WORKFLOW}`;
  const options = { deployment, namespace: 'billing' };
  const { world, deliveries } = await serve(t, options, complete);
  await ended(world, await start(world, queueName));
  assert.deepEqual(
    deliveries.map((delivery) => delivery.queueName),
    [queueName],
  );
  await ended(other, await start(other));
  assert.deepEqual([deliveries.length, others.length], [1, 1]);
});

test('a start whose run could not be created carries what creates it', async (t) => {
  const { world, deliveries } = await serve(t, {}, async ({ runId, runInput }, { world: own }) => {
    await create(own, runId, 'run_started', undefined, runInput);
    await create(own, runId, 'run_completed', undefined, { output: runInput.input });
  });
  const runId = newRunId();
  const deploymentId = await world.getDeploymentId();
  const runInput = { deploymentId, workflowName: WORKFLOW, input: bytes('in'), specVersion: 5 };
  await world.queue(QUEUE, { runId, runInput }, { deploymentId });
  assert.deepEqual((await ended(world, runId)).output, bytes('in'));
  assert.equal(deliveries.length, 1);
});

test('a handler that asks for time gets the same message again, counted anew', async (t) => {
  const { world, deliveries } = await serve(t, {}, async (message, meta) => {
    if (deliveries.length < 3) return { timeoutSeconds: 0 };
    return complete(message, meta);
  });
  const runId = await start(world);
  await ended(world, runId);
  assert.equal(deliveries.length, 3);
  assert.equal(new Set(deliveries.map(({ messageId }) => messageId)).size, 1);
  assert.deepEqual(
    deliveries.map(({ attempt }) => attempt),
    [1, 1, 1],
  );
});

test('a handler that fails gets the same message again, and is told how often', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { world, deliveries } = await serve(t, {}, async (message, meta) => {
    if (meta.attempt === 1) throw new Error('not today');
    return complete(message, meta);
  });
  await ended(world, await start(world));
  assert.deepEqual(
    deliveries.map(({ attempt }) => attempt),
    [1, 2],
  );
  assert.equal(console.error.mock.calls.length, 1);
  assert.match(String(console.error.mock.calls[0].arguments[1]), /not today/);
});

test('what a handler does wakes nobody while it holds its delivery', async (t) => {
  const { world, deliveries } = await serve(t, {}, async ({ runId }, { world: own }) => {
    await create(own, runId, 'run_started');
    for (const step of ['step_1', 'step_2']) {
      await create(own, runId, 'step_started', step, { stepName: STEP, input: bytes('in') });
      await create(own, runId, 'step_completed', step, { result: bytes('out') });
    }
    await create(own, runId, 'run_completed', undefined, { output: bytes('out') });
  });
  await ended(world, await start(world));
  assert.equal(deliveries.length, 1);
});

test('a sleep is two deliveries', async (t) => {
  const { world, deliveries } = await serve(t, {}, async ({ runId }, { world: own }) => {
    await create(own, runId, 'run_started');
    if (deliveries.length === 1) {
      const resumeAt = new Date(Date.now() + 1_000);
      await create(own, runId, 'wait_created', 'wait_1', { resumeAt });
      await own.queue(QUEUE, { runId }, { delaySeconds: 1, idempotencyKey: 'wait_1' });
      return;
    }
    await create(own, runId, 'wait_completed', 'wait_1');
    await create(own, runId, 'run_completed', undefined, { output: bytes('out') });
  });
  await ended(world, await start(world));
  assert.equal(deliveries.length, 2);
});

for (const [version, route] of [
  [3, 'step'],
  [5, 'flow'],
]) {
  test(`a step of spec version ${version} comes to the route ${route}, once`, async (t) => {
    const { world, deliveries } = await serve(t, {}, async (message, { world: own }) => {
      const runId = message.runId ?? message.workflowRunId;
      if (message.stepId) {
        await create(own, runId, 'step_started', message.stepId);
        await create(own, runId, 'step_completed', message.stepId, {
          result: bytes('out'),
        });
        await own.queue(QUEUE, { runId });
        return;
      }
      const { data } = await own.steps.list({ runId });
      if (data[0]?.status === 'completed') {
        await create(own, runId, 'run_completed', undefined, { output: bytes('out') });
      } else if (data.length === 0) {
        await create(own, runId, 'run_started');
        await create(own, runId, 'step_created', 'step_1', {
          stepName: STEP,
          input: bytes('in'),
        });
        const sent = { stepId: 'step_1', stepName: STEP };
        await (version === 3
          ? own.queue(
              `__wkf_step_${STEP}`,
              {
                ...sent,
                workflowName: WORKFLOW,
                workflowRunId: runId,
                workflowStartedAt: 1,
              },
              { idempotencyKey: 'step_1' },
            )
          : own.queue(QUEUE, { ...sent, runId }, { idempotencyKey: 'step_1' }));
      }
    });
    const runId = newRunId();
    const deploymentId = await world.getDeploymentId();
    await world.events.create(runId, {
      eventType: 'run_created',
      specVersion: version,
      eventData: { deploymentId, workflowName: WORKFLOW, input: bytes('in') },
    });
    await ended(world, runId);
    const ofSteps = deliveries.filter(({ message }) => message.stepId);
    assert.equal(ofSteps.length, 1);
    assert.equal(ofSteps[0].route, route);
    assert.equal(ofSteps[0].queueName, version === 3 ? `__wkf_step_${STEP}` : QUEUE);
    assert.equal(deliveries.length, 3);
  });
}

test('a hook wakes the run that waits for it', async (t) => {
  const token = `approve-${newRunId()}`;
  const { world } = await serve(t, {}, async ({ runId }, { world: own }) => {
    await create(own, runId, 'run_started');
    const { data } = await own.events.list({ runId });
    const received = data.find(({ eventType }) => eventType === 'hook_received');
    if (received) {
      await create(own, runId, 'run_completed', undefined, {
        output: received.eventData.payload,
      });
    } else if (data.every(({ eventType }) => eventType !== 'hook_created')) {
      await create(own, runId, 'hook_created', 'hook_1', { token });
    }
  });
  const runId = await start(world);
  const hook = await until(() => world.hooks.getByToken(token).catch(() => null));
  await create(world, runId, 'hook_received', hook.hookId, { token, payload: bytes('yes') });
  assert.deepEqual((await ended(world, runId)).output, bytes('yes'));
});

test('a delivery outlives its lease while its handler works', async (t) => {
  const { world, deliveries } = await serve(t, { leaseSeconds: 1 }, async (message, meta) => {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return complete(message, meta);
  });
  await ended(world, await start(world));
  assert.equal(deliveries.length, 1);
});

test('a delivery outlives its lease while its handler computes', async (t) => {
  const { world, deliveries } = await serve(t, { leaseSeconds: 1 }, async (message, meta) => {
    const thief = new Thread(new URL('./thief.js', import.meta.url), {
      workerData: {
        dsn: process.env.WORKFLOW_PG_DSN,
        deployment: await world.getDeploymentId(),
      },
    });
    const told = new Promise((resolve) => thief.once('message', resolve));
    for (const end = Date.now() + 3_000; Date.now() < end;);
    thief.postMessage('enough');
    assert.deepEqual(await told, []);
    return complete(message, meta);
  });
  await ended(world, await start(world));
  assert.equal(deliveries.length, 1);
});

test('a delivery comes back when its process is gone', async (t) => {
  let release;
  const stuck = new Promise((resolve) => {
    release = resolve;
  });
  t.after(() => release());
  const deployment = `ts-${newRunId()}`;
  const options = { deployment, leaseSeconds: 1, graceSeconds: 0 };
  const first = await serve(t, options, () => stuck);
  const runId = await start(first.world);
  await until(() => first.deliveries.length === 1);
  await first.world.close();
  const second = await serve(t, options, complete);
  await ended(second.world, runId);
  assert.equal(second.deliveries[0].attempt, 2);
  assert.equal(second.deliveries[0].messageId, first.deliveries[0].messageId);
});

test('messages wait for a server that is not there yet, and are not counted', async (t) => {
  const { world: gone } = await serve(t, {}, () => {});
  await gone.close();
  const deployment = await gone.getDeploymentId();
  const absent = await newWorld(t, { deployment, baseUrl: 'http://localhost:1' });
  await absent.start();
  const runId = await start(absent);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await absent.close();
  const { world, deliveries } = await serve(t, { deployment }, complete);
  await ended(world, runId);
  assert.equal(deliveries[0].attempt, 1);
});

test('a run that waits for another gives its slot to it', async (t) => {
  const { world } = await serve(t, { concurrency: 1 }, async (message, meta) => {
    const { world: own } = meta;
    const run = await own.runs.get(message.runId);
    if (run.attributes.child) await ended(own, run.attributes.child);
    return complete(message, meta);
  });
  const deploymentId = await world.getDeploymentId();
  const child = newRunId();
  const parent = await newRun(world, { start: false, attributes: { child } });
  await create(world, child, 'run_created', undefined, {
    deploymentId,
    workflowName: WORKFLOW,
    input: bytes('in'),
  });
  await ended(world, parent);
});

test('a request that is no delivery is answered 400', async (t) => {
  const world = await newWorld(t);
  const handler = world.createQueueHandler('__wkf_workflow_', () =>
    assert.fail('not to be called'),
  );
  const headers = {
    'x-vqs-queue-name': QUEUE,
    'x-vqs-message-id': 'msg_1',
    'x-vqs-message-attempt': '1',
  };
  const post = (some, body) =>
    handler(new Request('http://localhost/', { method: 'POST', headers: some, body }));
  assert.equal((await post({}, '{}')).status, 400);
  assert.equal((await post(headers)).status, 400);
  assert.equal((await post({ ...headers, 'x-vqs-queue-name': '__wkf_step_x' }, '{}')).status, 400);
});

test('a run whose payloads are not to be kept loses them when it is over', async (t) => {
  const { world } = await serve(t, {}, complete);
  const runId = await newRun(world, {
    start: false,
    attributes: { $retention: '0' },
    allowReservedAttributes: true,
  });
  await ended(world, runId);
  const run = await until(async () => {
    const [found] = await world.runs.getMany([runId]);
    return found.expiredAt && found;
  });
  assert.equal(run.output, undefined);
});

test('a World that is closed while it starts is closed', async (t) => {
  t.mock.method(console, 'error', () => {});
  const world = await newWorld(t, { baseUrl: 'http://localhost:9' });
  const database = new Database({ dsn: process.env.WORKFLOW_PG_DSN });
  t.after(() => database.close());
  const starting = world.start();
  await world.close();
  await starting;
  await sleep(1_000);
  assert.equal(console.error.mock.callCount(), 0);
  assert.deepEqual(
    await database.rows('select from workflow_pg.v_workers as w where w.deployment_id = $1', [
      await world.getDeploymentId(),
    ]),
    [],
  );
});
