// A program of another language beside Python's: it executes a run of its own, lists all.

import http from 'node:http';

import { createWorld } from '../../clients/typescript/src/index.js';
import { ulid } from '../../clients/typescript/src/ids.js';

const workflowName = 'workflow//./shop//fulfil';
const server = http.createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { method, headers } = request;
  const body = Buffer.concat(parts);
  const answer = await handler(new Request('http://localhost/', { method, headers, body }));
  response.writeHead(answer.status).end(await answer.text());
});
await new Promise((resolve) => server.listen(0, resolve));

const baseUrl = `http://localhost:${server.address().port}`;
const world = await createWorld({ baseUrl, specVersion: 5 });
const delivered = [];
const handler = world.createQueueHandler('__wkf_workflow_', async ({ runId }) => {
  delivered.push(runId);
  await world.events.create(runId, { eventType: 'run_started', specVersion: 5 });
  const eventData = { output: new Uint8Array([1]) };
  await world.events.create(runId, { eventType: 'run_completed', specVersion: 5, eventData });
});
await world.start();

const runId = `wrun_${ulid()}`;
const deploymentId = await world.getDeploymentId();
const eventData = { deploymentId, workflowName, input: new Uint8Array() };
await world.events.create(runId, { eventType: 'run_created', specVersion: 5, eventData });
let status;
do {
  await new Promise((resolve) => setTimeout(resolve, 20));
  ({ status } = await world.runs.get(runId));
} while (status !== 'completed');

const { data } = await world.runs.list();
const listed = data.map((run) => ({
  runId: run.runId,
  status: run.status,
  workflow: run.workflowName,
}));
await world.close();
server.close();
console.log(JSON.stringify({ runId, delivered, listed }));
