/**
 * Who holds a key. What the database said about a prefix is believed for 5 s, so that a revoked key is refused within 5 s
 * and a busy one costs no query. Found or not, every key takes the same way: look up by prefix, hash, compare in
 * constant time. With the database away nobody is let in on older news: that is a 503, not a guess.
 */
import type { Key, ProblemCode } from '@plimsoll/contracts';
import { hasEnded, readKeyText, type StoredKey, secretMatches } from '@plimsoll/storage';
import { ProblemError } from './problem.js';
import { RateLimit } from './rate-limit.js';

export const KEY_BELIEVED_MS = 5_000;
const MAX_PREFIXES = 10_000;
/** Of one query. */
const MAX_ASKED = 1_000;
/** Unknown or wrong keys that one address may try; known ones are not held up by it. */
const FAILURES = { perSecond: 20, burst: 100 };

interface Known {
  /** Undefined: there is no such key. */
  stored: StoredKey | undefined;
  askedAt: number;
}
export interface KeyCacheEdges {
  find: (prefix: string) => Promise<StoredKey | undefined>;
  /** Those of them that there are, in one query. */
  findAll: (prefixes: string[]) => Promise<StoredKey[]>;
  touch: (uses: ReadonlyMap<string, number>) => Promise<void>;
  now: () => number;
  onDrop?: (name: string) => void;
}

export class KeyCache {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();
  readonly #failures: RateLimit;
  #uses = new Map<string, number>();

  constructor(private readonly edges: KeyCacheEdges) {
    this.#failures = new RateLimit({ ...FAILURES, onDrop: () => edges.onDrop?.('failed-addresses') });
  }

  /**
   * @param address of the sender, canonical: the unit in which failures are counted.
   * @throws ProblemError `invalid-key`; `too-many-requests` after many of those; `unavailable` without the database.
   */
  async authenticate(text: string, address: string): Promise<Key> {
    const parts = readKeyText(text);
    if (parts === undefined) throw this.#fail('invalid-key', address);
    const { stored } = await this.#lookUp(parts.prefix, address);
    if (!secretMatches(stored, parts.secret) || hasEnded(stored.key, this.edges.now())) throw this.#fail('invalid-key', address);
    this.#uses.set(stored.key.id, this.edges.now());
    return stored.key;
  }

  /**
   * Asks the database, whatever was believed, and believes the answer from then on.
   *
   * @returns those that open nothing any more: revoked, ended or gone.
   * @throws where the database is away.
   */
  async endedAmong(prefixes: readonly string[]): Promise<string[]> {
    const ended: string[] = [];
    for (let from = 0; from < prefixes.length; from += MAX_ASKED) {
      const some = prefixes.slice(from, from + MAX_ASKED);
      const askedAt = this.edges.now();
      const found = new Map((await this.edges.findAll(some)).map((stored) => [stored.key.prefix, stored]));
      for (const prefix of some) {
        const stored = found.get(prefix);
        this.#learn(prefix, { stored, askedAt });
        if (stored === undefined || hasEnded(stored.key, this.edges.now())) ended.push(prefix);
      }
    }
    return ended;
  }

  /** Writes the last uses since the previous call; they wait for the next one where that fails. */
  async writeUses(): Promise<void> {
    const uses = this.#uses;
    this.#uses = new Map();
    try {
      await this.edges.touch(uses);
    } catch {
      for (const [id, at] of uses) if (!this.#uses.has(id)) this.#uses.set(id, at);
    }
  }

  async #lookUp(prefix: string, address: string): Promise<Known> {
    const known = this.#known.get(prefix);
    if (known !== undefined && this.edges.now() - known.askedAt < KEY_BELIEVED_MS) return known;
    if (known?.stored === undefined) this.#refuseGuessing(address);
    const asking = this.#asking.get(prefix) ?? this.#ask(prefix);
    this.#asking.set(prefix, asking);
    try {
      return await asking;
    } catch (cause) {
      throw new ProblemError('unavailable', 'Keys cannot be checked', { retryAfterSeconds: 2, cause });
    } finally {
      this.#asking.delete(prefix);
    }
  }

  async #ask(prefix: string): Promise<Known> {
    const askedAt = this.edges.now();
    const known = { stored: await this.edges.find(prefix), askedAt };
    this.#learn(prefix, known);
    return known;
  }

  /** An answer to an older question is no news. */
  #learn(prefix: string, known: Known): void {
    if ((this.#known.get(prefix)?.askedAt ?? Number.NEGATIVE_INFINITY) > known.askedAt) return;
    this.#known.delete(prefix);
    this.#known.set(prefix, known);
    if (this.#known.size > MAX_PREFIXES) this.#forgetOne();
  }

  /** The least recently asked unknown prefix goes first; a known key only where there is no other. */
  #forgetOne(): void {
    this.edges.onDrop?.('keys');
    for (const [prefix, { stored }] of this.#known) {
      if (stored === undefined) return void this.#known.delete(prefix);
    }
    for (const prefix of this.#known.keys()) return void this.#known.delete(prefix);
  }

  #refuseGuessing(address: string): void {
    const waitMs = this.#failures.waitMs(address, this.edges.now());
    if (waitMs === 0) return;
    throw new ProblemError('too-many-requests', 'Too many unknown keys from this address', {
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    });
  }

  #fail(code: ProblemCode, address: string): ProblemError {
    this.#failures.charge(address, 1, this.edges.now());
    return new ProblemError(code);
  }
}
