// What the tests share: a World of a database, runs in it, and a server for deliveries.

import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { createWorld } from '../src/index.js';
import { ulid } from '../src/ids.js';

export const WORKFLOW = 'workflow//./shop//fulfil';
export const STEP = 'step//./shop//charge';
export const QUEUE = `__wkf_workflow_${WORKFLOW}`;

let deployments = 0;

/** A World of its own deployment, closed at the end of the test. */
export async function newWorld(t, options = {}) {
  deployments += 1;
  const deployment = `ts-${process.pid}-${deployments}`;
  const world = await createWorld({ deployment, specVersion: 5, graceSeconds: 5, ...options });
  t.after(() => world.close());
  return world;
}

export const newRunId = () => `wrun_${ulid()}`;
export const bytes = (text) => new TextEncoder().encode(text);

/** The id of a run that has been created, and started unless it is told otherwise. */
export async function newRun(world, { start = true, ...eventData } = {}) {
  const runId = newRunId();
  const deploymentId = await world.getDeploymentId();
  const told = { deploymentId, workflowName: WORKFLOW, input: bytes('in'), ...eventData };
  await world.events.create(runId, { eventType: 'run_created', specVersion: 5, eventData: told });
  if (start) await world.events.create(runId, { eventType: 'run_started', specVersion: 5 });
  return runId;
}

/** Wait until `look` answers something true, or fail. */
export async function until(look, what = look.toString(), forMs = 20_000) {
  for (const end = Date.now() + forMs; Date.now() < end;) {
    const found = await look();
    if (found) return found;
    await sleep(20);
  }
  throw new Error(`not within ${forMs} ms: ${what}`);
}

/**
 * A server with the two routes of the runtimes; `handler(message, meta, route)` answers.
 * The World is started with it, and both end with the test.
 */
export async function serve(t, options, handler) {
  const deliveries = [];
  const handlers = {};
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const sent = new Request(`http://localhost${request.url}`, {
      method: 'POST',
      headers: request.headers,
      body: Buffer.concat(parts),
    });
    const answer = await handlers[request.url.split('/').at(-1)](sent);
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  await new Promise((resolve) => server.listen(0, resolve));
  t.after(() => server.close());
  const world = await newWorld(t, {
    baseUrl: `http://localhost:${server.address().port}`,
    ...options,
  });
  const start = options.namespace ? `__${options.namespace}_` : '__';
  for (const [route, prefix] of [
    ['flow', `${start}wkf_workflow_`],
    ['step', `${start}wkf_step_`],
  ]) {
    handlers[route] = world.createQueueHandler(prefix, (message, meta) => {
      deliveries.push({ message, ...meta, route });
      return handler(message, { ...meta, route, world });
    });
  }
  await world.start();
  return { world, deliveries };
}
