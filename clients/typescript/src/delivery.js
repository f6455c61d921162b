// One delivery over HTTP: the runtimes receive messages at a route of the app's server.

import http from 'node:http';
import https from 'node:https';

import { LEASE_HEADER } from './context.js';

const BASE_PATH = Symbol.for('@workflow/core/basePath');
const ROUTES = '/.well-known/workflow/v1';
const OF_STEPS = /^__(?:[a-z][a-z0-9]*_)?wkf_step_/;
const ERROR_LENGTH = 1_000;

/** Where the app's server is; undefined when nobody has said it. */
export function serverUrl(baseUrl) {
  const { WORKFLOW_LOCAL_BASE_URL, PORT } = process.env;
  const url = baseUrl ?? WORKFLOW_LOCAL_BASE_URL;
  if (url) return url.replace(/\/+$/, '');
  return PORT ? `http://localhost:${PORT}${globalThis[BASE_PATH] ?? ''}` : undefined;
}

/** Delivers messages to one server over connections that are kept. */
export class Courier {
  #agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };

  /**
   * Deliver a message and wait until its handler is done, however long that takes.
   *
   * @returns `{delaySeconds}` to deliver it again, `{error}` when it failed, `{}` when the
   *   handler did not get it, null when it is done
   */
  async deliver(base, delivery) {
    const { queueName, messageId, attempt, message, leaseToken } = delivery;
    if (message === undefined) {
      return {
        error: 'the body of this message is no JSON: it is for a runtime of another language',
      };
    }
    const route = OF_STEPS.test(queueName) ? 'step' : 'flow';
    let answer;
    try {
      answer = await this.#post(new URL(`${base}${ROUTES}/${route}`), JSON.stringify(message), {
        'content-type': 'application/json',
        'x-vqs-queue-name': queueName,
        'x-vqs-message-id': messageId,
        'x-vqs-message-attempt': String(attempt),
        [LEASE_HEADER]: leaseToken,
      });
    } catch (error) {
      // A server that is not there yet has not had the message.
      return error.code === 'ECONNREFUSED'
        ? {}
        : { error: `${base} did not answer: ${error.message}` };
    }
    return judge(answer);
  }

  close() {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #post(url, body, headers) {
    const { request } = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const length = Buffer.byteLength(body);
      const agent = this.#agents[url.protocol];
      const sent = request(
        url,
        { method: 'POST', agent, headers: { ...headers, 'content-length': length } },
        (response) => {
          const parts = [];
          response.on('data', (part) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode,
              retryAfter: response.headers['retry-after'],
              text: Buffer.concat(parts).toString(),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

function judge({ status, retryAfter, text }) {
  const delaySeconds =
    secondsIn(text) ?? (status === 503 || status === 429 ? seconds(retryAfter) : undefined);
  if (delaySeconds !== undefined) return { delaySeconds };
  if (status >= 200 && status < 300) return null;
  return { error: `the server answered ${status}: ${text.slice(0, ERROR_LENGTH)}` };
}

const seconds = (value) => {
  const number = Number(value ?? NaN);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
};

function secondsIn(text) {
  try {
    return seconds(JSON.parse(text)?.timeoutSeconds);
  } catch {
    return undefined;
  }
}
