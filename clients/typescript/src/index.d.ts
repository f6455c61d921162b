// Types of world-workflow-pg. The World itself is the one of the installed @workflow/world.

import type { World } from '@workflow/world';

export interface Options {
  /** URL, or keywords and values. Default: `WORKFLOW_PG_DSN`. */
  dsn?: string;
  /** Leads past a pooler in transaction mode, for LISTEN. Default: `WORKFLOW_PG_LISTEN_DSN`, else `dsn`. */
  listenDsn?: string;
  /**
   * Whose runs are started and executed here. Default: `WORKFLOW_PG_DEPLOYMENT`, else
   * `typescript`. Runtimes of different languages never share one.
   */
  deployment?: string;
  /** Of the queue names. Default: `WORKFLOW_QUEUE_NAMESPACE`. */
  namespace?: string;
  /** Deliveries handled at a time. Default: `WORKFLOW_PG_CONCURRENCY`, else 50. */
  concurrency?: number;
  /** Where deliveries go. Default: `WORKFLOW_LOCAL_BASE_URL`, else `http://localhost:$PORT`. */
  baseUrl?: string;
  /** How long a delivery outlives the process that handles it, 1 to 3600. Default: 15. */
  leaseSeconds?: number;
  /** Deliveries of one message before it is given up. Default: 64. */
  maxDeliveries?: number;
  /** What `close()` grants deliveries in hand. Default: 20. */
  graceSeconds?: number;
  /** How long a call is repeated while the database does not answer. Default: 30. */
  patienceSeconds?: number;
  /** Connections of the pool. Default: 10. */
  poolSize?: number;
  /** Version of the protocol. Default: `WORKFLOW_PG_SPEC_VERSION`, else that of the installed runtime. */
  specVersion?: number;
}

/** A World for the 5.x runtimes. */
export function createWorld(options?: Options): Promise<World>;

/** A World for the 4.x runtimes, which do not wait for it. */
export default function createStableWorld(options?: Options): World;

export class WorkflowWorldError extends Error {
  status?: number;
  code?: string;
  /** Seconds. */
  retryAfter?: number;
}
export class EntityConflictError extends WorkflowWorldError {}
export class RunExpiredError extends WorkflowWorldError {}
export class TooEarlyError extends WorkflowWorldError {}
export class ThrottleError extends WorkflowWorldError {}
export class WorkflowRunNotFoundError extends Error {
  runId?: string;
}
export class HookNotFoundError extends Error {
  token?: string;
}
export class RunNotSupportedError extends Error {
  runSpecVersion?: number;
  worldSpecVersion?: number;
}
export class AttributeValidationError extends Error {}
