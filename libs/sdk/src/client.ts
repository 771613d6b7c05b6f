/**
 * Ships request logs: gathers them into batches by count, bytes and time, packs them and sends one batch at a time, again
 * with the same batch id until the server has it. Nothing of this happens inside a request of the host: `record` only
 * puts a log into the buffer. Each log recorded ends in exactly one count: shipped, rejected or dropped.
 */

import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { pauseMs } from './backoff.js';
import type { BatchSigner } from './batch-signer.js';
import { LogBuffer } from './buffer.js';
import type { LogColumns } from './columns.js';
import { type Faults, messageOf } from './faults.js';
import type { BoundLog } from './log.js';
import { type Outcome, outcomeOf, unread } from './outcome.js';
import { type Packed, Packer } from './packer.js';
import { Pause } from './pause.js';
import type { Answer, Call } from './wire.js';

export interface ClientOptions {
  flushMs: number;
  maxBatch: number;
  maxBuffered: number;
}

/** recorded = shipped + rejected + dropped + buffered + inFlight, at every moment. */
export interface ClientCounts {
  recorded: number;
  /** Taken by the server. */
  shipped: number;
  /** Refused by the server for good. */
  rejected: number;
  /** Given up here: the buffer was full, the guard was closed, or a batch failed again and again. */
  dropped: number;
  buffered: number;
  inFlight: number;
  /** Batches taken by the server. */
  batches: number;
  retries: number;
  /** Batches sent again log by log, to a server that did not read them by columns. */
  rewritten: number;
}

const MAX_BUFFER_BYTES = 8 * 1024 * 1024;
const MAX_BATCH_BYTES = 512 * 1024;
const SEND_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** Of answers such as 500 to one batch; an outage of any length does not count. */
const MAX_SUSPECT_TRIES = 8;

/** A signature is asked for, then the instance's key: a batch is sent again at once for that, and no more often. */
const MAX_LEARNT = 2;

/** A server that does not read columns is given rows for so long: it may be a newer one by then. */
const ROWS_MS = 3_600_000;

type Final = Exclude<Outcome, { type: 'retry' }>;

export class Client {
  readonly #buffer: LogBuffer;
  readonly #tick: NodeJS.Timeout;
  readonly #counts = { recorded: 0, shipped: 0, rejected: 0, dropped: 0, inFlight: 0, batches: 0, retries: 0, rewritten: 0 };
  /** Bound to the context of the constructor: connections must not keep the context of one of the host's requests. */
  readonly #pump = AsyncResource.bind(() => this.#shipSoon());
  #shipping: Promise<boolean> | undefined;
  #pumpQueued = false;
  readonly #wait = new Pause();
  readonly #packer = new Packer();
  /** Until then batches are written log by log; in the monotonic clock. */
  #rowsUntil = 0;
  /** Set by close, in the monotonic clock: when to give up. */
  #deadline: number | undefined;
  #closed: Promise<void> | undefined;
  /** Everything is counted: what comes back later changes nothing. */
  #over = false;

  constructor(
    options: ClientOptions,
    private readonly call: (call: Call) => Promise<Answer>,
    private readonly faults: Faults,
    private readonly signer: Pick<BatchSigner, 'headers' | 'learns'>,
    private readonly onFeedVersion: (version: number) => void,
  ) {
    const { maxBuffered: maxCount, maxBatch: batchCount } = options;
    this.#buffer = new LogBuffer({ maxCount, maxBytes: MAX_BUFFER_BYTES, batchCount, batchBytes: MAX_BATCH_BYTES });
    this.#tick = setInterval(this.#pump, options.flushMs).unref();
  }

  counts(): ClientCounts {
    return { ...this.#counts, buffered: this.#buffer.length };
  }

  /** Puts a log into the buffer; the oldest are dropped where it is full. */
  record(log: BoundLog): void {
    this.#counts.recorded += 1;
    if (this.#deadline !== undefined) {
      this.#drop(1, 'the guard is closed');
      return;
    }
    const dropped = this.#buffer.push(log);
    if (dropped > 0) this.#drop(dropped, 'the buffer is full');
    if (this.#pumpQueued || this.#shipping || !this.#buffer.full) return;
    this.#pumpQueued = true;
    setImmediate(this.#pump);
  }

  /**
   * Sends what is buffered and stops, within `timeoutMs`; what cannot be sent by then is counted as dropped. Keeps the
   * process alive until it is done.
   */
  close(timeoutMs: number): Promise<void> {
    this.#closed ??= this.#drain(timeoutMs);
    return this.#closed;
  }

  async #drain(timeoutMs: number): Promise<void> {
    this.#deadline = performance.now() + timeoutMs;
    clearInterval(this.#tick);
    let awake: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      awake = setTimeout(resolve, timeoutMs);
    });
    this.#wait.end();
    const drained = (async () => {
      if ((await this.#shipping) !== false) await this.#shipOrDrop();
    })();
    await Promise.race([drained, late]);
    clearTimeout(awake);
    this.#giveUp();
  }

  #giveUp(): void {
    this.#over = true;
    const left = this.#buffer.length + this.#counts.inFlight;
    this.#buffer.clear();
    this.#counts.inFlight = 0;
    if (left > 0) this.#drop(left, 'the guard was closed before they could be sent');
  }

  #drop(count: number, why: string): void {
    this.#counts.dropped += count;
    this.faults.report('overflow', `request logs are dropped: ${why}`);
  }

  #shipSoon(): void {
    this.#pumpQueued = false;
    if (this.#shipping || this.#buffer.length === 0 || this.#deadline !== undefined) return;
    this.#shipping = this.#shipOrDrop().finally(() => {
      this.#shipping = undefined;
    });
  }

  /** Nothing that goes wrong in packing may end the host. */
  async #shipOrDrop(): Promise<boolean> {
    try {
      return await this.#ship();
    } catch (error) {
      const lost = this.#counts.inFlight;
      this.#counts.inFlight = 0;
      this.faults.report('internal', `a batch could not be packed: ${messageOf(error)}`, error);
      if (lost > 0) this.#drop(lost, 'they could not be packed');
      return true;
    }
  }

  /** One batch, then more while they are full: what trickles in meanwhile waits for the next tick. False: gave up. */
  async #ship(): Promise<boolean> {
    do {
      const logs = this.#buffer.take();
      if (logs === undefined) return true;
      this.#counts.inFlight += logs.length;
      if (!(await this.#deliver(logs))) return false;
      this.#buffer.giveBack(logs);
    } while (this.#buffer.full || this.#deadline !== undefined);
    return true;
  }

  /** Until the server has it or never will; false where close() left no time for another try. */
  async #deliver(logs: LogColumns): Promise<boolean> {
    const packed = await this.#packer.pack(logs, performance.now() < this.#rowsUntil);
    const outcome = await this.#try(packed, logs.length);
    if (outcome === undefined) return false;
    if (!packed.byColumns || !unread(outcome)) return this.#settle(logs, outcome);
    this.#counts.rewritten += 1;
    const again = await this.#try(await this.#packer.pack(logs, true), logs.length);
    if (again === undefined) return false;
    // What is taken by rows alone says what the server reads; what is refused either way says nothing.
    if (again.type === 'delivered') this.#rowsUntil = performance.now() + ROWS_MS;
    return this.#settle(logs, again);
  }

  async #try(packed: Packed, logs: number): Promise<Final | undefined> {
    const batch = randomUUID();
    let suspectTries = 0;
    let learnt = 0;
    for (let attempt = 0; ; attempt += 1) {
      const timeoutMs = Math.max(1, Math.min(SEND_TIMEOUT_MS, (this.#deadline ?? Number.POSITIVE_INFINITY) - performance.now()));
      const headers = { ...packed.headers, 'plimsoll-batch': batch, ...(await this.signer.headers(batch, packed.plain)) };
      const call = { method: 'POST', path: '/v1/requests', headers, body: packed.body, timeoutMs } as const;
      const answer = await this.call({ ...call, maxBytes: MAX_ANSWER_BYTES });
      // Always learnt from; sent again at once only so often, later with a pause as after any fault.
      if (this.signer.learns(answer) && learnt < MAX_LEARNT) {
        learnt += 1;
        continue;
      }
      const outcome = outcomeOf(answer, logs);
      if (outcome.type !== 'retry') return outcome;
      this.faults.report(outcome.code, `request logs cannot be sent: ${outcome.why}`);
      suspectTries += outcome.patient ? 0 : 1;
      if (suspectTries >= MAX_SUSPECT_TRIES) return { type: 'refused', why: outcome.why };
      if (!(await this.#pause(pauseMs(outcome.retryAfter, attempt, Math.random(), Date.now())))) return undefined;
      this.#counts.retries += 1;
    }
  }

  async #settle(logs: LogColumns, outcome: Final): Promise<boolean> {
    if (outcome.type === 'split' && logs.length > 1) {
      const middle = Math.ceil(logs.length / 2);
      return (await this.#deliver(logs.part(0, middle))) && (await this.#deliver(logs.part(middle, logs.length)));
    }
    if (this.#over) return false;
    this.#counts.inFlight -= logs.length;
    if (outcome.type === 'delivered') {
      this.#counts.batches += 1;
      this.#counts.shipped += logs.length - outcome.rejected;
      this.#counts.rejected += outcome.rejected;
      if (!outcome.sane) this.faults.report('answer', 'the answer to a batch of request logs makes no sense');
      if (outcome.feedVersion !== undefined) this.onFeedVersion(outcome.feedVersion);
    } else {
      this.#counts.rejected += logs.length;
      this.faults.report('refused', `request logs were refused: ${outcome.type === 'split' ? 'too large' : outcome.why}`);
    }
    return true;
  }

  /** Waits; cut short when close() begins. False where there is no time left for another try. */
  async #pause(ms: number): Promise<boolean> {
    if (this.#over || performance.now() + ms >= (this.#deadline ?? Number.POSITIVE_INFINITY)) return false;
    await this.#wait.take(ms);
    return true;
  }
}
