/**
 * Follows the decision feed by long poll, for as long as the guard lives: one request is always open, the server answers
 * it when something changes. After a fault it comes back with jitter. A lost thread (a delta on nothing, a version that
 * runs backwards) is answered by asking for everything again.
 */
import type { Feed as FeedBody } from '@plimsoll/contracts';
import { pauseMs } from './backoff.js';
import type { Faults } from './faults.js';
import { readFeed } from './feed-answer.js';
import { Pause } from './pause.js';
import type { Answer, Call } from './wire.js';

const WAIT_SECONDS = 25;
/** The server may take its time to answer a full feed. */
const TIMEOUT_MS = (WAIT_SECONDS + 15) * 1000;
/** 100,000 decisions with reasons. */
const MAX_ANSWER_BYTES = 48 * 1024 * 1024;
/** Between two answers with news: what changes meanwhile comes together. */
const NEWS_PAUSE_MS = 20;
/** A server that answers at once without news does not hold the poll: ask it a few times a second, no more. */
const IDLE_PAUSE_MS = 250;
const HELD_MS = 1_000;

export class Feed {
  #version: number | undefined;
  #connected = false;
  #heardAt: number | undefined;
  #stopped = false;
  #attempt = 0;
  #nudgedBy: number | undefined;
  readonly #pause = new Pause();
  #announceFirst: () => void = () => undefined;
  readonly #first = new Promise<void>((resolve) => {
    this.#announceFirst = resolve;
  });

  constructor(
    private readonly call: (call: Call) => Promise<Answer>,
    private readonly apply: (feed: FeedBody) => void,
    private readonly faults: Faults,
  ) {}

  /** Version of the decisions held; undefined before the first answer. */
  get version(): number | undefined {
    return this.#version;
  }
  /** Whether the last answer was a good one. */
  get connected(): boolean {
    return this.#connected;
  }

  /** When the last good answer came, in the monotonic clock; undefined before the first. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  start(): void {
    void this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#pause.end();
  }

  /** Resolves with the first good answer; never rejects. */
  get first(): Promise<void> {
    return this.#first;
  }

  /** Another answer of the server named this version: if it is news, do not wait out a pause. Once for each version. */
  nudge(version: number): void {
    if (this.#connected || version === this.#version || version === this.#nudgedBy) return;
    this.#nudgedBy = version;
    this.#pause.end();
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      const askedAt = performance.now();
      const pause = this.#take(await this.call(this.#request()), askedAt);
      if (!this.#stopped) await this.#pause.take(pause);
    }
  }

  #request(): Call {
    const since = this.#version === undefined ? '' : `since=${this.#version}&`;
    return {
      method: 'GET',
      path: `/v1/feed?${since}wait=${WAIT_SECONDS}`,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
    };
  }

  /** Takes an answer in; tells how long to wait before the next request, in milliseconds. */
  #take(answer: Answer, askedAt: number): number {
    if (this.#stopped) return 0;
    const retryAfter = answer.type === 'answer' ? answer.retryAfter : undefined;
    const fault = this.#read(answer, askedAt);
    if (fault === undefined) {
      this.#connected = true;
      this.#attempt = 0;
      return this.#pauseAfter;
    }
    this.#connected = false;
    this.faults.report(fault.code, `decisions cannot be followed: ${fault.why}`);
    this.#attempt += 1;
    return pauseMs(retryAfter, this.#attempt - 1, Math.random(), Date.now());
  }

  #pauseAfter = 0;

  #read(answer: Answer, askedAt: number): { code: 'unreachable' | 'refused' | 'answer'; why: string } | undefined {
    if (answer.type === 'failure') {
      if (answer.reason === 'too-large') return { code: 'answer', why: answer.message };
      return { code: 'unreachable', why: answer.message };
    }
    if (answer.status !== 200) return { code: 'refused', why: `it answered ${answer.status}` };
    const read = readFeed(answer.text);
    if (!read) return { code: 'answer', why: 'the answer is no feed' };
    const { feed, faulty } = read;
    if (!feed.full && (this.#version === undefined || feed.version < this.#version)) {
      this.#version = undefined;
      return { code: 'answer', why: 'a change to what is not held here; asking for all' };
    }
    if (faulty > 0) this.faults.report('answer', `${faulty} decisions of the feed make no sense and are left out`);
    const news = feed.version !== this.#version;
    this.#version = feed.version;
    this.#heardAt = performance.now();
    this.apply(feed);
    this.#announceFirst();
    const held = performance.now() - askedAt >= HELD_MS;
    this.#pauseAfter = news || held ? NEWS_PAUSE_MS : IDLE_PAUSE_MS * (0.5 + Math.random());
    return undefined;
  }
}
