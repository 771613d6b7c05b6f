/**
 * Sends batches to the ingestion API, one after the other, until each is taken: the same batch id on every try, so that a
 * batch whose answer was lost is not counted twice. Waits as long as the server asks (429 and 503 with Retry-After), backs
 * off where there is no answer, and gives up with a sentence when nothing was taken for too long.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  BATCH_HEADER,
  ingestAnswerSchema,
  problemSchema,
  type RejectedLog,
  type RequestLogInput,
  TIMING_HEADER,
} from '@plimsoll/contracts';
import { Fault, textOf } from '../fault.js';

const zip = promisify(gzip);
const ANSWER_TIMEOUT_MS = 30_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A Retry-After beyond this is not believed. */
const LONGEST_ASKED_MS = 300_000;

export interface Batch {
  /** 1 to 128 characters; the same for the same logs. */
  id: string;
  logs: RequestLogInput[];
}

export interface Taken {
  accepted: number;
  rejected: RejectedLog[];
}

export interface SenderOptions {
  url: string;
  key: string;
  historical: boolean;
  /** How long nothing may be taken before it gives up. */
  patienceMs?: number;
  /** Stops trying when it aborts. */
  signal: AbortSignal;
  /** Waits, and says why; ends early when the signal aborts. */
  pause: (ms: number, why: string) => Promise<void>;
}

export class Sender {
  readonly #endpoint: URL;
  readonly #patienceMs: number;

  constructor(private readonly options: SenderOptions) {
    this.#endpoint = new URL('/v1/requests', options.url);
    this.#patienceMs = options.patienceMs ?? 120_000;
  }

  /** Sends one batch until it is taken. @throws Fault where it never will be, or patience ends. */
  async send(batch: Batch): Promise<Taken> {
    const body = await zip(JSON.stringify({ requests: batch.logs }));
    const since = Date.now();
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#try(batch, body);
      if ('taken' in outcome) return outcome.taken;
      if ('split' in outcome) return this.#halves(batch, outcome.split);
      if (Date.now() - since >= this.#patienceMs) {
        throw new Fault(`${outcome.why}. Run the same command again later: it goes on where it stopped.`);
      }
      const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
      await this.options.pause(outcome.waitMs ?? backoff, outcome.why);
      if (this.options.signal.aborted) throw new Fault(`Stopped while ${outcome.why}. Run the same command again to go on.`, 130);
    }
  }

  async #try(batch: Batch, body: Buffer): Promise<{ taken: Taken } | { split: string } | { why: string; waitMs?: number }> {
    let response: Response;
    try {
      response = await fetch(this.#endpoint, {
        method: 'POST',
        body: new Uint8Array(body),
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${this.options.key}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          [BATCH_HEADER]: batch.id,
          [TIMING_HEADER]: this.options.historical ? 'historical' : 'live',
        },
      });
      const answer: unknown = await response.json().catch(() => undefined);
      return this.#read(batch, response, answer);
    } catch (error) {
      if (error instanceof Fault) throw error;
      return { why: `${this.#endpoint.origin} does not answer (${causeOf(error)})` };
    }
  }

  #read(
    batch: Batch,
    response: Response,
    answer: unknown,
  ): { taken: Taken } | { split: string } | { why: string; waitMs?: number } {
    const { status } = response;
    const taken = status === 202 ? ingestAnswerSchema.safeParse(answer) : undefined;
    if (taken?.success) return { taken: { accepted: taken.data.accepted, rejected: taken.data.rejected } };
    const refusal = problemSchema.partial().safeParse(answer).data;
    const detail = refusal?.detail ?? refusal?.title ?? `status ${status}`;
    const rejected = status === 400 ? refusedLogs(refusal?.errors ?? []) : [];
    if (rejected.length > 0) return { taken: { accepted: 0, rejected } };
    if (status === 401) throw new Fault(`The key is not accepted by ${this.#endpoint.origin}: ${detail}`);
    if (status === 413 && batch.logs.length > 1) return { split: detail };
    if (status === 429 || status >= 500 || status === 202) {
      const asked = retryAfterMs(response.headers.get('retry-after'));
      const why = `${this.#endpoint.origin} is busy (${status}: ${detail})`;
      return asked === undefined ? { why } : { why, waitMs: asked };
    }
    throw new Fault(`${this.#endpoint.origin} refuses the logs (${status}): ${detail}`);
  }

  /** A batch that is too large goes in two halves, whose ids follow from its own. */
  async #halves(batch: Batch, why: string): Promise<Taken> {
    if (batch.id.length > 100) throw new Fault(`A batch is too large for the server even in small parts: ${why}`);
    const middle = Math.ceil(batch.logs.length / 2);
    const first = await this.send({ id: `${batch.id}a`, logs: batch.logs.slice(0, middle) });
    const second = await this.send({ id: `${batch.id}b`, logs: batch.logs.slice(middle) });
    const moved = second.rejected.map((rejected) => ({ ...rejected, index: rejected.index + middle }));
    return { accepted: first.accepted + second.accepted, rejected: [...first.rejected, ...moved] };
  }
}

/** A batch of which no log is valid is answered 400; its errors name each log as `requests[index].field`. */
function refusedLogs(errors: { field: string; reason: string }[]): RejectedLog[] {
  return errors.flatMap(({ field, reason }) => {
    const named = /^requests\[(\d+)\](?:\.(.*))?$/.exec(field);
    return named ? [{ index: Number(named[1]), field: named[2] ?? '', reason }] : [];
  });
}

/** Retry-After in seconds or as an HTTP date (RFC 9110, 10.2.3); undefined where there is none. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_ASKED_MS) : undefined;
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? textOf(error.cause) : textOf(error);
}
