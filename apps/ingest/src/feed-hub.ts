/**
 * Who waits for decisions, by an open stream or a held poll. One Redis subscription of the process moves the known version
 * of each service and wakes its waiters; since an announcement can be lost, versions are read again from PostgreSQL
 * within 5 s. Waiters that hold the same version share one query. Waiters are bounded per key and in all; the door says
 * so before anyone is kept waiting.
 */
import type { FeedAnnouncement, FeedChange } from '@plimsoll/storage';
import { ProblemError } from './problem.js';

export const VERSION_BELIEVED_MS = 5_000;
export const MAX_WAITERS_PER_KEY = 2_000;
export const MAX_WAITERS = 20_000;

export interface FeedHubEdges {
  feedSince: (service: string, since: number | undefined, mark: string | undefined) => Promise<FeedChange>;
  /** Versions of those services that exist. */
  versions: (services: string[]) => Promise<Map<string, number>>;
  now: () => number;
}
interface Known {
  version: number;
  readAt: number;
}
export interface Wait {
  key: string;
  service: string;
  since: number;
  waitMs: number;
  /** Ends the wait when the client is gone. */
  signal: AbortSignal;
}

export class FeedHub {
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<number>>();
  /** Service -> wake functions of its waiters. */
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #perKey = new Map<string, number>();
  readonly #answers = new Map<string, Promise<FeedChange>>();
  #waiting = 0;
  #closed = false;

  constructor(private readonly edges: FeedHubEdges) {}

  get waiting(): number {
    return this.#waiting;
  }

  announced({ service, version }: FeedAnnouncement): void {
    const known = this.#known.get(service);
    if (known === undefined && !this.#waiters.has(service)) return;
    if (known !== undefined && version <= known.version) return;
    this.#learn(service, version, this.edges.now());
  }

  /** The service's version, at most 5 s old. */
  async version(service: string): Promise<number> {
    const known = this.#known.get(service);
    if (known !== undefined && this.edges.now() - known.readAt < VERSION_BELIEVED_MS) return known.version;
    return this.present(service);
  }

  /** The service's version as it is now; all who ask at the same time share one query. */
  async present(service: string): Promise<number> {
    const reading = this.#reading.get(service) ?? this.#read(service);
    this.#reading.set(service, reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(service);
    }
  }

  /** The last version heard of, without asking anyone: 0 where there is none yet. */
  lastVersion(service: string): number {
    return this.#known.get(service)?.version ?? 0;
  }

  /** The change since a version; equal questions asked at the same time are one query. */
  async change(service: string, since: number | undefined, mark?: string): Promise<FeedChange> {
    const question = `${service}:${since ?? ''}:${mark ?? ''}`;
    const askedAt = this.edges.now();
    const answer = this.#answers.get(question) ?? this.edges.feedSince(service, since, mark);
    this.#answers.set(question, answer);
    try {
      const change = await answer;
      this.#learn(service, change.newest, askedAt);
      return change;
    } finally {
      if (this.#answers.get(question) === answer) this.#answers.delete(question);
    }
  }

  /**
   * Ends when the service has another version than `since`, after `waitMs`, when the client goes or the hub closes.
   *
   * @throws ProblemError `too-many-requests` or `overloaded` where too many wait already.
   */
  async changed({ key, service, since, waitMs, signal }: Wait): Promise<void> {
    if ((await this.version(service)) !== since || this.#closed || signal.aborted) return;
    const leave = this.enter(key);
    try {
      await this.#wait(service, waitMs, signal);
    } finally {
      leave();
    }
  }

  /**
   * Takes a place among those who wait.
   *
   * @returns the function that gives it back; to be called once.
   * @throws ProblemError `too-many-requests` or `overloaded` where too many wait already.
   */
  enter(key: string): () => void {
    const ofKey = this.#perKey.get(key) ?? 0;
    if (ofKey >= MAX_WAITERS_PER_KEY)
      throw new ProblemError('too-many-requests', 'Too many wait on this key', { retryAfterSeconds: 5 });
    if (this.#waiting >= MAX_WAITERS) throw new ProblemError('overloaded', 'Too many wait', { retryAfterSeconds: 5 });
    this.#waiting += 1;
    this.#perKey.set(key, ofKey + 1);
    return () => {
      this.#waiting -= 1;
      const left = (this.#perKey.get(key) ?? 1) - 1;
      if (left > 0) this.#perKey.set(key, left);
      else this.#perKey.delete(key);
    };
  }

  /** Calls `wake` at every change of the service's version, and when the hub closes, until the function returned is called. */
  watch(service: string, wake: () => void): () => void {
    const waiters = this.#waiters.get(service) ?? new Set();
    waiters.add(wake);
    this.#waiters.set(service, waiters);
    return () => this.#forget(service, wake);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Reads the versions of every service that somebody waits for; what changed unheard wakes them. */
  async recheck(): Promise<void> {
    const services = [...this.#waiters.keys()];
    if (services.length === 0) return;
    const askedAt = this.edges.now();
    for (const [service, version] of await this.edges.versions(services)) this.#learn(service, version, askedAt);
  }

  /** Sends everybody home with what there is, so that the server can stop. */
  close(): void {
    this.#closed = true;
    for (const service of [...this.#waiters.keys()]) this.#wake(service);
  }

  async #read(service: string): Promise<number> {
    const askedAt = this.edges.now();
    const version = (await this.edges.versions([service])).get(service) ?? 0;
    this.#learn(service, version, askedAt);
    return version;
  }

  /**
   * Services are rows that people made: their number bounds this map. An answer that was asked for before the present
   * version was heard of, and is older, is news of the past; a version that goes back otherwise is another database.
   */
  #learn(service: string, version: number, askedAt: number): void {
    const known = this.#known.get(service);
    if (known !== undefined && version < known.version && askedAt <= known.readAt) return;
    this.#known.set(service, { version, readAt: this.edges.now() });
    if (known?.version !== version) this.#wake(service);
  }

  #wake(service: string): void {
    for (const wake of [...(this.#waiters.get(service) ?? [])]) wake();
  }

  #wait(service: string, waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        unwatch();
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      signal.addEventListener('abort', wake, { once: true });
      const unwatch = this.watch(service, wake);
    });
  }

  #forget(service: string, wake: () => void): void {
    const waiters = this.#waiters.get(service);
    waiters?.delete(wake);
    if (waiters?.size === 0) this.#waiters.delete(service);
  }
}
