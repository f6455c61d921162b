// The World of the Workflow SDK on PostgreSQL alone.
//
// Every rule is in the database (schema workflow_pg): here a method is one call, and the
// answer is put into the shape that the runtimes expect.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { Database } from './database.js';
import { createQueue } from './queue.js';
import { createStorage } from './storage.js';
import { createStreams } from './streams.js';
import { Watcher } from './watcher.js';
import { Worker } from './worker.js';

export {
  AttributeValidationError,
  EntityConflictError,
  HookNotFoundError,
  RunExpiredError,
  RunNotSupportedError,
  ThrottleError,
  TooEarlyError,
  WorkflowRunNotFoundError,
  WorkflowWorldError,
} from './errors.js';

const STABLE_SPEC_VERSION = 3;

const number = (text) => (text ? Number(text) : undefined);

function configure(options) {
  const { env } = process;
  const dsn = options.dsn ?? env.WORKFLOW_PG_DSN;
  if (!dsn) {
    throw new Error(
      'world-workflow-pg needs a database: set WORKFLOW_PG_DSN, or pass createWorld({ dsn })',
    );
  }
  return {
    dsn,
    listenDsn: options.listenDsn ?? env.WORKFLOW_PG_LISTEN_DSN,
    deployment: options.deployment ?? env.WORKFLOW_PG_DEPLOYMENT ?? 'typescript',
    namespace: options.namespace ?? env.WORKFLOW_QUEUE_NAMESPACE,
    concurrency: options.concurrency ?? number(env.WORKFLOW_PG_CONCURRENCY) ?? 50,
    leaseSeconds: options.leaseSeconds ?? 15,
    maxDeliveries: options.maxDeliveries ?? 64,
    graceMs: (options.graceSeconds ?? 20) * 1_000,
    baseUrl: options.baseUrl,
    poolSize: options.poolSize,
    patienceMs: options.patienceSeconds === undefined ? undefined : options.patienceSeconds * 1_000,
    specVersion: options.specVersion ?? number(env.WORKFLOW_PG_SPEC_VERSION),
  };
}

/** A World of a stated version of the protocol. */
function assemble(settings, specVersion) {
  const database = new Database(settings);
  const watcher = new Watcher(database);
  const { storage, created } = createStorage(database, settings.namespace);
  let worker;
  let starting;
  let closed;
  return {
    specVersion,
    // What the database enforces: tokens that outlive their run, resumes that are recorded once.
    capabilities: { hookRetention: { active: true }, hookResumeDedup: true },
    ...storage,
    ...createStreams(database, watcher),
    ...createQueue(database, { ...settings, created }),
    // A handler that exits takes the server with it; its lease ends all the same.
    processExitTriggersQueueRedelivery: false,
    resolveLatestDeploymentId: async () => settings.deployment,
    start: () => {
      starting ??= (async () => {
        const begun = new Worker(database, settings);
        try {
          await begun.start();
        } catch (error) {
          starting = undefined;
          throw error;
        }
        worker = begun;
      })();
      return starting;
    },
    close: () => {
      closed ??= (async () => {
        // Who closes it while it starts has a worker to stop as well.
        await starting?.catch(() => {});
        await worker?.stop(settings.graceMs);
        await watcher.close();
        await database.close();
      })();
      return closed;
    },
  };
}

/**
 * A World for the 5.x runtimes, which wait for it. The version of the protocol is the one
 * that the installed `@workflow/world` speaks, unless `specVersion` says it.
 */
export async function createWorld(options = {}) {
  const settings = configure(options);
  return assemble(settings, settings.specVersion ?? (await installedSpecVersion()));
}

/** A World for the 4.x runtimes, which do not wait. */
export default function createStableWorld(options = {}) {
  const settings = configure(options);
  return assemble(settings, settings.specVersion ?? STABLE_SPEC_VERSION);
}

async function installedSpecVersion() {
  // From the app first: it may have another copy than we would find.
  const places = [process.argv[1], `${process.cwd()}/index.js`, import.meta.url];
  for (const place of places.filter(Boolean)) {
    try {
      const found = createRequire(place).resolve('@workflow/world');
      const protocol = await import(pathToFileURL(found).href);
      const version = protocol.mintedSpecVersion?.() ?? protocol.SPEC_VERSION_CURRENT;
      if (version) return version;
    } catch {
      // Not to be found from there.
    }
  }
  throw new Error(
    'world-workflow-pg does not find @workflow/world: install it, or say its version of the protocol ' +
      'with WORKFLOW_PG_SPEC_VERSION',
  );
}
