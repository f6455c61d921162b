// The sending end of the queue, and the handler of deliveries.

import { held, LEASE_HEADER, within } from './context.js';
import { messageId as newMessageId } from './ids.js';
import { decode, encode } from './values.js';

const SEND = 'select workflow_pg.json_send_message($1, $2::jsonb, $3::jsonb)::text';

const answer = (body, status = 200) => Response.json(body, { status });

/**
 * `queue`, `createQueueHandler` and `getDeploymentId` of a World.
 *
 * @param database of the World
 * @param options `deployment`; `created(runId)`, a promise while this process is
 *   creating that run
 */
export function createQueue(database, { deployment, created }) {
  async function queue(queueName, message, options = {}) {
    // start() creates the run and sends its message at once. In this order the message
    // finds the run, and its start is delivered once.
    if (message.runInput) await created(message.runId);
    const params = {
      messageId: newMessageId(),
      idempotencyKey: options.idempotencyKey,
      delaySeconds: options.delaySeconds,
      deploymentId: options.deploymentId ?? deployment,
    };
    return database.call(SEND, [queueName, encode(message), encode(params)]);
  }

  function createQueueHandler(prefix, handler) {
    return async (request) => {
      const queueName = request.headers.get('x-vqs-queue-name');
      const messageId = request.headers.get('x-vqs-message-id');
      const attempt = Number(request.headers.get('x-vqs-message-attempt') ?? NaN);
      if (!queueName || !messageId || !Number.isInteger(attempt) || !request.body) {
        return answer({ error: 'this is no delivery: a header or the body is missing' }, 400);
      }
      if (!queueName.startsWith(prefix)) {
        return answer({ error: `${queueName} is not for the handler of ${prefix}` }, 400);
      }
      const leaseToken = request.headers.get(LEASE_HEADER) ?? undefined;
      try {
        const message = decode(await request.text());
        const runId = message.runId ?? message.workflowRunId;
        const context = held.get(leaseToken) ?? { runId, leaseToken };
        const outcome = await within(context, () =>
          handler(message, { attempt, queueName, messageId }),
        );
        const timeoutSeconds = outcome?.timeoutSeconds;
        return answer(typeof timeoutSeconds === 'number' ? { timeoutSeconds } : { ok: true });
      } catch (error) {
        return answer(String(error?.stack ?? error), 500);
      }
    };
  }

  return { queue, createQueueHandler, getDeploymentId: async () => deployment };
}
