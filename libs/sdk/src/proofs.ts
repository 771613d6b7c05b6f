/**
 * Tells Plimsoll that the user behind an actor has proved itself: by a passkey, a code, whatever the host asks for. Plimsoll lifts
 * what that is to lift, in every instance, through the signed feed: its answer here is believed for nothing but how long to wait.
 * A report is repeated under the same id until it is answered, a few times; few are under way at once.
 */
import { randomUUID } from 'node:crypto';
import { pauseMs } from './backoff.js';
import type { Faults } from './faults.js';
import { cleanId } from './log.js';
import { Pause } from './pause.js';
import type { Answer, Call } from './wire.js';

/** What became of a report. None of them is a reason to let the user wait: it has proved itself to the host. */
export type Passed =
  /** `lifted`: decisions about the actor that ended by it; this instance no longer enforces them, unless the feed is away. */
  | { type: 'taken'; lifted: number; alerts: number }
  /** Nothing stood against the actor. */
  | { type: 'nothing' }
  /** The actor's proofs of the day are used up: what stands against it stays until it ends. */
  | { type: 'spent' }
  /** The report cannot be taken: no actor, or a key without the scope `feedback:write`. */
  | { type: 'refused'; why: string }
  | { type: 'unreachable'; why: string };

const MAX_TRIES = 4;
const TIMEOUT_MS = 5_000;
/** A longer Retry-After is not waited for: somebody's request may be. */
const MAX_PAUSE_MS = 2_000;
/** Reports under way; beyond it they are refused. */
const MAX_AT_ONCE = 64;
/** Until the change must be here that the answer tells of. */
const HELD_WITHIN_MS = 2_000;

export class Proofs {
  #underWay = 0;

  constructor(
    private readonly call: (call: Call) => Promise<Answer>,
    /** Resolves when this version of the decisions is held, or after so many milliseconds. */
    private readonly held: (version: number, withinMs: number) => Promise<void>,
    private readonly faults: Faults,
  ) {}

  /** Never rejects. */
  async pass(actor: unknown): Promise<Passed> {
    const clean = cleanId(actor, 256);
    if (clean === undefined) return this.#refused('no actor of 1 to 256 characters is named', 'record');
    if (this.#underWay >= MAX_AT_ONCE) return this.#refused('too many proofs are being reported', 'overflow');
    this.#underWay += 1;
    try {
      return await this.#report(clean);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #report(actor: string): Promise<Passed> {
    const body = Buffer.from(JSON.stringify({ id: randomUUID(), actor }));
    const headers = { 'content-type': 'application/json' };
    for (let attempt = 0; ; attempt += 1) {
      const asked = { method: 'POST', path: '/v1/proofs', headers, body, timeoutMs: TIMEOUT_MS, maxBytes: 64 * 1024 } as const;
      const answer = await this.call(asked);
      const why = answer.type === 'failure' ? answer.message : `it answered ${answer.status}`;
      if (answer.type === 'answer' && answer.status === 200) return this.#read(answer.text);
      const passing = answer.type === 'failure' ? answer.reason !== 'closed' : answer.status === 429 || answer.status >= 500;
      if (!passing) return this.#refused(why, 'refused');
      if (attempt + 1 >= MAX_TRIES) {
        this.faults.report('unreachable', `a proof cannot be reported: ${why}`);
        return { type: 'unreachable', why };
      }
      const retryAfter = answer.type === 'answer' ? answer.retryAfter : undefined;
      await new Pause().take(Math.min(MAX_PAUSE_MS, pauseMs(retryAfter, attempt, Math.random(), Date.now())));
    }
  }

  async #read(text: string): Promise<Passed> {
    const { outcome, lifted, alerts, feedVersion } = fieldsOf(text);
    if (outcome === 'spent' || outcome === 'nothing') return { type: outcome };
    // Repeated: an earlier try of this report was taken, and its answer was lost.
    if (outcome !== 'taken' && outcome !== 'repeated') {
      this.faults.report('answer', 'the answer to a proof makes no sense');
      return { type: 'unreachable', why: 'its answer makes no sense' };
    }
    if (Number.isSafeInteger(feedVersion)) await this.held(feedVersion as number, HELD_WITHIN_MS);
    return { type: 'taken', lifted: countOf(lifted), alerts: countOf(alerts) };
  }

  #refused(why: string, code: 'record' | 'overflow' | 'refused'): Passed {
    this.faults.report(code, `a proof was not taken: ${why}`);
    return { type: 'refused', why };
  }
}

const countOf = (value: unknown): number => (Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0);

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
