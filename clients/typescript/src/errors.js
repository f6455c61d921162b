// Refusals of the database as the error classes that the runtimes know.
//
// The runtimes tell them apart by `name`, because an error may come from another copy of
// a package or from another realm. So these are classes of our own with those names.

/** The base: whatever the World cannot do. `status` is as in HTTP. */
export class WorkflowWorldError extends Error {
  constructor(message, { status, code, retryAfter, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The state forbids it: it is done already, or the run is final. */
export class EntityConflictError extends WorkflowWorldError {}

/** The run is final, or its data is purged. */
export class RunExpiredError extends WorkflowWorldError {}

/** A step is not to be started before `retryAfter` whole seconds. */
export class TooEarlyError extends WorkflowWorldError {}

/** Too much at a time; `retryAfter` in seconds. */
export class ThrottleError extends WorkflowWorldError {}

/** There is no such run. */
export class WorkflowRunNotFoundError extends Error {
  constructor(message, runId) {
    super(message);
    this.name = new.target.name;
    this.runId = runId;
  }
}

/** There is no such hook, or no more. */
export class HookNotFoundError extends Error {
  constructor(message, token) {
    super(message);
    this.name = new.target.name;
    this.token = token;
  }
}

/** The run is of a newer version of the protocol. */
export class RunNotSupportedError extends Error {
  constructor(message, runSpecVersion, worldSpecVersion) {
    super(message);
    this.name = new.target.name;
    this.runSpecVersion = runSpecVersion;
    this.worldSpecVersion = worldSpecVersion;
  }
}

/** An attribute is malformed or over a limit. */
export class AttributeValidationError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

const HIGHEST_SPEC_VERSION = 7;
const MALFORMED = new Set(['WF400', 'WF413', 'WF422', '22P02', '22P05', '22021']);
const TRANSIENT = /^(?:08|40|57P|53300|55P03|ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|ENOENT)/;
const LOST = /connection terminated|timeout exceeded when trying to connect|connection timeout/i;

/** Whether the same call may succeed if it is made again. */
export function isTransient(error) {
  return error.code === undefined
    ? LOST.test(error.message ?? '')
    : TRANSIENT.test(String(error.code));
}

function detailOf(error) {
  try {
    return JSON.parse(error.detail ?? '{}') ?? {};
  } catch {
    return {};
  }
}

/**
 * The error to throw in place of one of the driver.
 *
 * @param error what `pg` threw
 * @param eventType type of the event that was to be created, if one was
 */
export function translate(error, eventType) {
  const { code, message } = error;
  if (typeof code !== 'string' || !code.startsWith('WF')) return translateOther(error);
  const detail = detailOf(error);
  const conflict = { status: 409, code, cause: error };
  switch (code) {
    case 'WF404':
      if (detail.entity === 'run') return new WorkflowRunNotFoundError(message, detail.run_id);
      if (detail.entity === 'hook')
        return new HookNotFoundError(message, detail.token ?? detail.id);
      return new WorkflowWorldError(message, { status: 404, code, cause: error });
    case 'WF409':
      return new EntityConflictError(message, conflict);
    case 'WF410':
      // A hook of a run that is over is gone, and so is told to who resumes it.
      if (eventType === 'hook_received')
        return new HookNotFoundError(message, detail.token ?? detail.id);
      return new RunExpiredError(message, { status: 410, code, cause: error });
    case 'WF425':
      return new TooEarlyError(message, {
        status: 425,
        code,
        retryAfter: detail.retry_after,
        cause: error,
      });
    case 'WF426':
      return new RunNotSupportedError(message, detail.spec_version, HIGHEST_SPEC_VERSION);
    case 'WF429':
      return new ThrottleError(message, {
        status: 429,
        code,
        retryAfter: detail.retry_after,
        cause: error,
      });
    default:
      if (code === 'WF422' && detail.argument === 'attributes')
        return new AttributeValidationError(message);
      return new WorkflowWorldError(message, { status: 400, code, cause: error });
  }
}

// What whoever runs the database has to mend, by the code of PostgreSQL.
const MENDS = {
  '3F000': 'workflow-pg is not installed in this database: run `workflow-pg migrate up`',
  42883: 'the workflow-pg of this database is older than this client: run `workflow-pg migrate up`',
  42501: 'this login may not: run `workflow-pg migrate grant LOGIN workflow_worker`',
};

function translateOther(error) {
  if (MENDS[error.code]) {
    const message = `${MENDS[error.code]} (${error.message})`;
    return new WorkflowWorldError(message, { status: 500, code: error.code, cause: error });
  }
  if (MALFORMED.has(error.code)) {
    return new WorkflowWorldError(error.message, {
      status: 400,
      code: error.code,
      cause: error,
    });
  }
  if (isTransient(error)) {
    return new WorkflowWorldError(`the database does not answer: ${error.message}`, {
      status: 503,
      code: 'TRANSPORT',
      cause: error,
    });
  }
  return error;
}
