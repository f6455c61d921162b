// Fills a database through the storage API of @workflow/world-postgres before it had a log
// of everything: runs, steps and hooks are written directly. Prints the ids of the runs.
//
//     node fill-legacy.mjs DSN

import { createWorld } from '@workflow/world-postgres';

const world = createWorld({ connectionString: process.argv[2] });

async function create(name) {
  const run = await world.runs.create({
    deploymentId: 'postgres',
    workflowName: `workflow//./old//${name}`,
    input: [{ order: name }, 3],
    executionContext: { traceCarrier: {} },
  });
  await world.runs.update(run.runId, { status: 'running' });
  return run.runId;
}

async function step(runId, stepId, rest) {
  await world.steps.create(runId, { stepId, stepName: 'step//./old//charge', input: ['A17'] });
  await world.events.create(runId, { eventType: 'step_started', correlationId: stepId });
  await world.steps.update(runId, stepId, { status: 'running', attempt: 1 });
  if (rest) await world.steps.update(runId, stepId, rest);
}

const completed = await create('completed');
await step(completed, 'step_1', { status: 'completed', output: false });
await world.events.create(completed, {
  eventType: 'step_completed',
  correlationId: 'step_1',
  eventData: { result: false },
});
await world.runs.update(completed, { status: 'completed', output: { ok: true } });

const failed = await create('failed');
await step(failed, 'step_2', { status: 'failed', error: { message: 'out of stock', stack: 'at x' } });
await world.runs.update(failed, {
  status: 'failed',
  error: { message: 'no more', stack: 'at y', code: 'GONE' },
});

const live = await create('live');
await step(live, 'step_3');
await world.hooks.create(live, { hookId: 'hook_1', token: 'legacy-token', metadata: { a: 1 } });
await world.events.create(live, { eventType: 'hook_created', correlationId: 'hook_1' });

process.stdout.write(`${JSON.stringify({ completed, failed, live })}\n`);
process.exit(0);
