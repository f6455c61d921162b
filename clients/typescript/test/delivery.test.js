// One delivery over HTTP, and what becomes of each answer.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Courier, serverUrl } from '../src/delivery.js';

const delivery = {
  queueName: '__wkf_workflow_w',
  messageId: 'msg_1',
  attempt: 2,
  leaseToken: 'lease',
  message: { runId: 'wrun_1', input: { __type: 'Uint8Array', data: 'AA==' } },
};

async function post(t, told, answer) {
  const got = {};
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    Object.assign(got, { url: request.url, headers: request.headers, body: parts.join('') });
    response.writeHead(answer.status, answer.headers).end(answer.text);
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const courier = new Courier();
  t.after(() => {
    courier.close();
    server.close();
  });
  const base = `http://localhost:${server.address().port}/app`;
  return { got, outcome: await courier.deliver(base, { ...delivery, ...told }) };
}

const answers = [
  [{ status: 200, text: '{"ok":true}' }, null],
  [{ status: 204 }, null],
  [{ status: 200, text: 'no JSON' }, null],
  [{ status: 200, text: '{"timeoutSeconds":0}' }, { delaySeconds: 0 }],
  [{ status: 200, text: '{"timeoutSeconds":-1}' }, null],
  [{ status: 503, text: '{"timeoutSeconds":9}' }, { delaySeconds: 9 }],
  [{ status: 503, headers: { 'retry-after': '7' } }, { delaySeconds: 7 }],
  [{ status: 429, headers: { 'retry-after': '7' } }, { delaySeconds: 7 }],
  [{ status: 503, text: 'busy' }, { error: 'the server answered 503: busy' }],
  [{ status: 400, text: 'what?' }, { error: 'the server answered 400: what?' }],
];

for (const [answer, outcome] of answers) {
  test(`${JSON.stringify(answer)} means ${JSON.stringify(outcome)}`, async (t) => {
    assert.deepEqual((await post(t, {}, answer)).outcome, outcome);
  });
}

for (const [queueName, route] of [
  ['__wkf_workflow_w', 'flow'],
  ['__billing_wkf_workflow_w', 'flow'],
  ['__wkf_step_s', 'step'],
  ['__billing_wkf_step_s', 'step'],
]) {
  test(`a message of ${queueName} goes to the route ${route}, with all it needs`, async (t) => {
    const { got } = await post(t, { queueName }, { status: 200 });
    assert.equal(got.url, `/app/.well-known/workflow/v1/${route}`);
    assert.deepEqual(JSON.parse(got.body), delivery.message);
    assert.equal(got.headers['content-type'], 'application/json');
    assert.equal(got.headers['x-vqs-queue-name'], queueName);
    assert.equal(got.headers['x-vqs-message-id'], 'msg_1');
    assert.equal(got.headers['x-vqs-message-attempt'], '2');
  });
}

test('a server that is not there has not had the message', async () => {
  assert.deepEqual(await new Courier().deliver('http://localhost:1', delivery), {});
});

test('a message of another language is not delivered', async () => {
  const { error } = await new Courier().deliver('http://x', { ...delivery, message: undefined });
  assert.match(error, /no JSON/);
});

test('the server is where it is said to be', (t) => {
  const { PORT, WORKFLOW_LOCAL_BASE_URL } = process.env;
  t.after(() => Object.assign(process.env, PORT && { PORT }));
  delete process.env.WORKFLOW_LOCAL_BASE_URL;
  delete process.env.PORT;
  assert.equal(serverUrl(), undefined);
  process.env.PORT = '3000';
  assert.equal(serverUrl(), 'http://localhost:3000');
  assert.equal(serverUrl('https://app/base/'), 'https://app/base');
  delete process.env.PORT;
  if (WORKFLOW_LOCAL_BASE_URL) process.env.WORKFLOW_LOCAL_BASE_URL = WORKFLOW_LOCAL_BASE_URL;
});
