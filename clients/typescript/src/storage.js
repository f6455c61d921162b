// Runs, steps, hooks and events: one call of the database for each operation.

import { current } from './context.js';
import { WorkflowWorldError } from './errors.js';
import { dedupKey } from './ids.js';
import { asEntity, asEvent, asPage, asResult, encode } from './values.js';

const CREATE = 'select workflow_pg.json_create_event($1, $2::jsonb, $3::jsonb)::text';
const CREATE_BATCH = 'select workflow_pg.json_create_events($1, $2::jsonb, $3::jsonb)::text';
const GET_EVENT = 'select workflow_pg.json_get_event($1, $2, $3::jsonb)::text';
const LIST_EVENTS = 'select workflow_pg.json_list_events($1::jsonb)::text';
const GET_RUN = 'select workflow_pg.json_get_run($1, $2::jsonb)::text';
const GET_RUNS = 'select workflow_pg.json_get_runs($1::text[], $2::jsonb)::text';
const LIST_RUNS = 'select workflow_pg.json_list_runs($1::jsonb)::text';
const CANCEL_RUNS = 'select workflow_pg.json_cancel_runs($1::jsonb)::text';
const SET_ATTRIBUTES = 'select workflow_pg.json_set_attributes($1, $2::jsonb, $3::jsonb)::text';
const GET_STEP = 'select workflow_pg.json_get_step($1, $2, $3::jsonb)::text';
const LIST_STEPS = 'select workflow_pg.json_list_steps($1::jsonb)::text';
const GET_HOOK_BY_TOKEN = 'select workflow_pg.json_get_hook_by_token($1, $2::jsonb)::text';
const LIST_HOOKS = 'select workflow_pg.json_list_hooks($1::jsonb)::text';

// The others converge: a repeat of them is told that it has been done.
const KEYED = new Set([
  'run_created',
  'step_started',
  'step_retrying',
  'step_completed',
  'step_failed',
  'hook_received',
  'attr_set',
]);
const FINAL = new Set(['completed', 'failed', 'cancelled']);
const PAGE = 1000;

const needed = (value, what) => {
  if (value === undefined || value === null) {
    throw new WorkflowWorldError(`${what} is needed`, { status: 400 });
  }
  return value;
};

// The database names the queue of a run; 5.x and 4.x say its namespace to queue() alone.
function inNamespace(event, queueNamespace) {
  if (!queueNamespace || event.eventData?.workflowName === undefined) return event;
  if (event.eventType !== 'run_created' && event.eventType !== 'run_started') return event;
  const executionContext = { ...event.eventData.executionContext, queueNamespace };
  return { ...event, eventData: { ...event.eventData, executionContext } };
}

/** `runs`, `steps`, `events` and `hooks` of a World whose runs have queues of a namespace. */
export function createStorage(database, namespace) {
  // Runs that this process is just creating; see queue.js.
  const creating = new Map();

  async function create(runId, event, params) {
    const { eventType } = event;
    const told = {
      ...params,
      leaseToken: current()?.leaseToken,
      // A resume with an id needs no other: its repeats are known by that.
      dedupKey: KEYED.has(eventType) && !params?.resumeId ? dedupKey() : undefined,
    };
    const created = database.call(
      CREATE,
      [runId ?? null, encode(inNamespace(event, namespace)), encode(told)],
      {
        eventType,
      },
    );
    if (eventType === 'run_created' && runId) {
      const settled = created.catch(() => {}).finally(() => creating.delete(runId));
      creating.set(runId, settled);
    }
    return asResult(await created);
  }

  async function createBatch(runId, entries, params) {
    const told = { ...params, leaseToken: current()?.leaseToken, dedupKey: dedupKey() };
    const answer = await database.call(CREATE_BATCH, [runId, encode(entries), encode(told)]);
    answer.results.forEach(asResult);
    return answer;
  }

  async function getRun(runId, params) {
    const run = asEntity(await database.call(GET_RUN, [runId, encode(params ?? {})]));
    const held = current();
    // Waiting for another run: that one needs a slot, or both would wait for ever.
    if (held && held.runId !== runId && !FINAL.has(run.status)) held.park?.();
    return run;
  }

  /** A hook by its id alone, which only people do: ids are unique within a run. */
  async function getHook(hookId, params) {
    let cursor;
    for (;;) {
      const pagination = { limit: PAGE, cursor };
      const page = await database.call(LIST_HOOKS, [encode({ pagination })]);
      const found = page.data.find((hook) => hook.hookId === hookId);
      if (found) return getHookByToken(found.token, params);
      if (!page.hasMore) break;
      cursor = page.cursor;
    }
    return getHookByToken('', params);
  }

  async function getHookByToken(token, params) {
    return asEntity(await database.call(GET_HOOK_BY_TOKEN, [token, encode(params ?? {})]));
  }

  const list = (statement, convert) => async (params) =>
    asPage(await database.call(statement, [encode(params ?? {})]), convert);
  const listEvents = list(LIST_EVENTS, asEvent);

  const storage = {
    runs: {
      get: getRun,
      getMany: async (runIds, params) =>
        (await database.call(GET_RUNS, [runIds, encode(params ?? {})])).map(asEntity),
      list: list(LIST_RUNS, asEntity),
      cancelMany: (request) => database.call(CANCEL_RUNS, [encode(request)]),
      experimentalSetAttributes: (runId, changes, options) =>
        database.call(SET_ATTRIBUTES, [runId, encode(changes), encode(options ?? {})]),
    },
    steps: {
      get: async (runId, stepId, params) =>
        asEntity(
          await database.call(GET_STEP, [
            needed(runId, 'the run id'),
            stepId,
            encode(params ?? {}),
          ]),
        ),
      list: list(LIST_STEPS, asEntity),
    },
    events: {
      create,
      createBatch,
      get: async (runId, eventId, params) =>
        asEvent(await database.call(GET_EVENT, [runId, eventId, encode(params ?? {})])),
      list: listEvents,
      listByCorrelationId: (params) => {
        needed(params?.runId, 'the run id');
        needed(params?.correlationId, 'the correlation id');
        return listEvents(params);
      },
    },
    hooks: {
      get: getHook,
      getByToken: getHookByToken,
      list: list(LIST_HOOKS, asEntity),
    },
  };
  return { storage, created: (runId) => creating.get(runId) };
}
