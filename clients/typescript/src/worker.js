// The receiving end of the queue: claims messages of a deployment and delivers them.
//
// It decides nothing about runs. It keeps as many deliveries in hand as it has slots,
// renews their leases, and calls maintain() and purge_due_runs() now and then, so that no
// run is forgotten, and none is kept that is not to be.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { held } from './context.js';
import { Courier, serverUrl } from './delivery.js';
import { isTransient } from './errors.js';
import { beat, keepInThread } from './keeper.js';

const CLAIM = 'select workflow_pg.json_claim_messages($1::jsonb)::text';
const ACK = 'select workflow_pg.json_ack_message($1::jsonb)::text';
const RELEASE = 'select workflow_pg.json_release_message($1::jsonb, $2::jsonb)::text';
const BURY = 'select workflow_pg.json_bury_message($1::jsonb, $2::jsonb)::text';
const SET_IDLE = 'select workflow_pg.set_worker_idle($1, $2)';
const REMOVE = 'select workflow_pg.remove_worker($1)';
const MAINTAIN = 'select next_after from workflow_pg.maintain($1)';
const PURGE = 'select next_after from workflow_pg.purge_due_runs($1)';
const CHANNEL = 'workflow_pg';

const POLL_MS = 1_000;
const MAINTAIN_MS = 5_000;
const PAUSE_MS = 500;
const HOMELESS_LOOKS = 10;
const BUSY_CLAIMS = 3;
const LOOK_AGAIN_SECONDS = 60;
const PARKED_LIMIT = 1_000;

/** Delivers the messages of one deployment to the server of this process. */
export class Worker {
  #database;
  #options;
  #courier = new Courier();
  #id = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  #keeper;
  #free;
  #parked = 0;
  #stopping = false;
  #isOver = false;
  #wake = () => {};
  #hinted = false;
  #maintaining;
  #maintained = '';
  #purged = '';
  #isMaintaining = false;
  #stopListening;
  #claiming;
  #running = new Set();

  /**
   * @param database of the World
   * @param options `deployment`, `namespace`, `baseUrl`, `concurrency`, `leaseSeconds`,
   *   `maxDeliveries`
   */
  constructor(database, options) {
    this.#database = database;
    this.#options = options;
    this.#free = options.concurrency;
  }

  /** Begin; resolves when the worker is known to the database. */
  async start() {
    const settings = { ...this.#options, workerId: this.#id };
    await beat(this.#database, settings);
    this.#keeper = keepInThread(this.#database, settings);
    this.#stopListening = this.#database.listen(CHANNEL, () => this.#look());
    this.#maintaining = setInterval(() => this.#maintain(), MAINTAIN_MS);
    this.#claiming = this.#claimUntilStopped();
  }

  /** Claim nothing more and wait for what is in hand, for so long; the rest comes back. */
  async stop(graceMs) {
    if (!this.#claiming) return;
    this.#stopping = true;
    this.#look();
    await this.#claiming;
    let timer;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.allSettled(this.#running), grace]);
    clearTimeout(timer);
    this.#isOver = true;
    clearInterval(this.#maintaining);
    await this.#keeper.stop();
    await this.#stopListening?.();
    this.#courier.close();
    await this.#database.rows(REMOVE, [this.#id]).catch(() => {});
  }

  async #claimUntilStopped() {
    let isIdle = false;
    let fullHands = 0;
    let homeless = 0;
    while (!this.#stopping) {
      this.#hinted = false;
      const base = serverUrl(this.#options.baseUrl);
      if (base === undefined) {
        homeless += 1;
        if (homeless === HOMELESS_LOOKS) {
          report('nothing is delivered', 'set PORT, WORKFLOW_LOCAL_BASE_URL or baseUrl');
        }
        await this.#change(PAUSE_MS);
        continue;
      }
      if (this.#free <= 0) {
        await this.#change(POLL_MS);
        continue;
      }
      try {
        const deliveries = await this.#claim();
        for (const delivery of deliveries) this.#begin(base, delivery);
        fullHands = deliveries.length > 0 ? fullHands + 1 : 0;
        const wantsHints = fullHands < BUSY_CLAIMS;
        if (isIdle !== wantsHints) {
          await this.#database.rows(SET_IDLE, [this.#id, wantsHints]);
          isIdle = wantsHints;
          // What came before the announcement sent no hint: look again.
          continue;
        }
        if (deliveries.length === 0) await this.#change(POLL_MS);
      } catch (error) {
        if (!isTransient(error.cause ?? error)) report('claiming failed', error);
        isIdle = false;
        await this.#change(PAUSE_MS);
      }
    }
  }

  #claim() {
    const { deployment, namespace, leaseSeconds, maxDeliveries } = this.#options;
    const params = {
      workerId: this.#id,
      deploymentId: deployment,
      namespace,
      limit: this.#free,
      leaseSeconds,
      maxDeliveries,
    };
    // Bytes stay tagged: the message is passed on as it is.
    return this.#database.call(CLAIM, [JSON.stringify(params)], { revive: false });
  }

  #begin(base, delivery) {
    this.#free -= 1;
    const hand = { ...delivery, park: () => this.#park(hand) };
    const { runId, messageId, leaseToken } = delivery;
    held.set(leaseToken, hand);
    this.#keeper.add({ runId, messageId, leaseToken });
    const handled = this.#handle(base, delivery)
      .catch((error) => {
        // The lease was lost: the message is another's, or comes back.
        if (error.status !== 409) report(`message ${messageId} could not be given back`, error);
      })
      .finally(() => {
        held.delete(leaseToken);
        this.#keeper.remove(leaseToken);
        this.#running.delete(handled);
        if (hand.isParked) this.#parked -= 1;
        else this.#free += 1;
        this.#look();
      });
    this.#running.add(handled);
  }

  async #handle(base, delivery) {
    const { runId, messageId, leaseToken, attempt } = delivery;
    const receipt = JSON.stringify({ runId, messageId, leaseToken });
    if (delivery.isExhausted) {
      const params = {
        error: `message ${messageId} was delivered ${attempt - 1} times in vain`,
      };
      await this.#database.call(BURY, [receipt, JSON.stringify(params)]);
      return;
    }
    const outcome = await this.#courier.deliver(base, delivery);
    // After the grace its handler may still be at work: the lease ends by itself.
    if (this.#isOver) return;
    if (outcome === null) {
      await this.#database.call(ACK, [receipt]);
      return;
    }
    if (outcome.error) report(`message ${messageId} of run ${runId} failed`, outcome.error);
    await this.#database.call(RELEASE, [receipt, JSON.stringify(outcome)]);
    if (outcome.delaySeconds < LOOK_AGAIN_SECONDS) {
      // Others may claim it as well; this only spares it the poll.
      setTimeout(() => this.#look(), outcome.delaySeconds * 1_000).unref();
    }
    if (Object.keys(outcome).length === 0) {
      // The server is not there: hold the slot for a moment, not to claim it at once again.
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** A delivery waits for another run: it gives its slot back and takes it no more. */
  #park(hand) {
    if (hand.isParked || this.#parked >= PARKED_LIMIT) return;
    hand.isParked = true;
    this.#parked += 1;
    this.#free += 1;
    this.#look();
  }

  async #maintain() {
    if (this.#isMaintaining) return;
    this.#isMaintaining = true;
    try {
      const [[purged]] = await this.#database.rows(PURGE, [this.#purged]);
      this.#purged = purged ?? '';
      const [[next]] = await this.#database.rows(MAINTAIN, [this.#maintained]);
      this.#maintained = next ?? '';
    } catch (error) {
      if (!this.#isOver && !isTransient(error.cause ?? error)) report('housekeeping failed', error);
    } finally {
      this.#isMaintaining = false;
    }
  }

  #look() {
    this.#hinted = true;
    this.#wake();
  }

  #change(milliseconds) {
    if (this.#hinted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const report = (what, error) => console.error(`[world-workflow-pg] ${what}:`, error);
