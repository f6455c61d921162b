import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isTransient, translate } from '../src/errors.js';

const raised = (code, detail, message = 'a sentence') =>
  Object.assign(new Error(message), { code, detail: detail && JSON.stringify(detail) });

const cases = [
  ['WF404', { entity: 'run', run_id: 'wrun_1' }, 'WorkflowRunNotFoundError', { runId: 'wrun_1' }],
  ['WF404', { entity: 'hook', token: 'tok' }, 'HookNotFoundError', { token: 'tok' }],
  ['WF404', { entity: 'step' }, 'WorkflowWorldError', { status: 404 }],
  ['WF409', {}, 'EntityConflictError', { status: 409 }],
  ['WF410', {}, 'RunExpiredError', { status: 410 }],
  ['WF425', { retry_after: 7 }, 'TooEarlyError', { status: 425, retryAfter: 7 }],
  ['WF426', { spec_version: 9 }, 'RunNotSupportedError', { runSpecVersion: 9 }],
  ['WF429', { retry_after: 3 }, 'ThrottleError', { status: 429, retryAfter: 3 }],
  ['WF400', {}, 'WorkflowWorldError', { status: 400 }],
  ['WF413', {}, 'WorkflowWorldError', { status: 400 }],
  ['WF422', { argument: 'attributes', key: 'k' }, 'AttributeValidationError', {}],
  ['22P05', undefined, 'WorkflowWorldError', { status: 400 }],
  ['3F000', undefined, 'WorkflowWorldError', { status: 500 }],
  ['42883', undefined, 'WorkflowWorldError', { status: 500 }],
  ['42501', undefined, 'WorkflowWorldError', { status: 500 }],
  ['57P01', undefined, 'WorkflowWorldError', { status: 503, code: 'TRANSPORT' }],
];

for (const [code, detail, name, fields] of cases) {
  test(`${code} ${JSON.stringify(detail)} is ${name}`, () => {
    const error = translate(raised(code, detail));
    assert.equal(error.name, name);
    assert.ok(error instanceof Error);
    for (const [field, value] of Object.entries(fields)) assert.equal(error[field], value);
  });
}

test('who resumes a hook of a run that is over is told that there is no such hook', () => {
  assert.equal(translate(raised('WF410', {}), 'hook_received').name, 'HookNotFoundError');
});

test('an error of the statement itself is not dressed up', () => {
  const error = raised('42601');
  assert.equal(translate(error), error);
});

test('lost connections and lost races are worth another try, refusals are not', () => {
  for (const code of ['40001', '40P01', '08006', '57P01', '55P03', 'ECONNREFUSED', 'ECONNRESET']) {
    assert.ok(isTransient(raised(code)), code);
  }
  assert.ok(isTransient(new Error('Connection terminated unexpectedly')));
  for (const code of ['WF409', '42883', '22P02']) assert.ok(!isTransient(raised(code)), code);
});
