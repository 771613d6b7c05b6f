/**
 * Tokens and keys of whom no actor is known: their requests come from addresses, each with its shard, so what is seen of a
 * credential goes to the credential's own shard. There it has a profile as an account has (identity.ts), with its devices,
 * networks and sessions, and kind `token-theft` is judged by the same evidence; nothing else is, since it takes an account to
 * be taken over.
 *
 *   stage one   the first request of an address and device with a credential, then one each 15 s    (a bounded memory)
 *   stage two   judged, then learnt, as one request of the credential
 */
import type { Accuser } from '../accuser.js';
import { NEWCOMER_SHARE } from '../constants.js';
import type { Contribution, CredentialContribution } from '../contribution.js';
import { Endpoint } from '../entities/endpoints.js';
import type { Source } from '../entities/sources.js';
import type { Finding } from '../finding.js';
import { failed } from '../ledger.js';
import type { Commons } from '../objects/norms.js';
import type { Rules } from '../rules.js';
import type { Seen } from '../visit.js';
import { ACQUAINTED_SESSIONS, BEAT_SECONDS, MAX_BEATS, MAX_CREDENTIALS } from './constants.js';
import { Identity } from './identity.js';

/** Where a credential is used does not matter here: no method and no path, and so nobody's aim. */
const ANYWHERE = new Endpoint(0, '', '* credential');

const keyOf = (service: string, past: boolean, id: string) => JSON.stringify([service, past ? 1 : 0, id]);

export class Credentials {
  evicted = 0;
  /** When each address and device last told of a credential: the eldest is forgotten, and tells again. */
  readonly #beats = new Map<string, number>();
  #told: CredentialContribution[] = [];
  readonly #identity: Identity;
  /** Those of a first session, and those that came again, the longest unseen first: invented ones push out each other alone. */
  readonly #fresh = new Map<string, Source>();
  readonly #known = new Map<string, Source>();
  readonly #free: number[] = [];
  readonly #gone = new Set<string>();
  readonly #accuser: Accuser;

  constructor(accuser: Accuser, commons: Commons) {
    this.#accuser = accuser;
    this.#identity = new Identity(commons, MAX_CREDENTIALS);
  }

  get size(): number {
    return this.#fresh.size + this.#known.size;
  }

  /** Stage one: a log of whoever is not vouched for as an actor. */
  note({ service, source, log, second, past }: Seen): void {
    const { credential, ip, userAgent } = log;
    if (source.type !== 'address' || credential === undefined || log.verdict !== 'allow' || failed(log, false)) return;
    const key = `${service}\n${past}\n${credential}\n${ip}\n${userAgent}`;
    const before = this.#beats.get(key);
    if (before !== undefined && Math.abs(second - before) < BEAT_SECONDS) return;
    this.#beats.delete(key);
    this.#beats.set(key, second);
    if (this.#beats.size > MAX_BEATS) {
      const [eldest = key] = this.#beats.keys();
      this.#beats.delete(eldest);
    }
    this.#told.push({ entity: 'credential', service, id: credential, second, historical: past, samples: [log] });
  }

  take(): Contribution[] {
    const told = this.#told;
    this.#told = [];
    return [...told, ...this.#identity.takeContributions()];
  }

  /** Stage two. */
  absorb({ service, id, second, historical, samples: [log] }: CredentialContribution, rules: Rules): Finding[] {
    if (!log) return [];
    const source = this.#keep(this.#sourceOf(service, historical, id));
    const seen = { service, log, name: ANYWHERE.name, second, past: historical, endpoint: ANYWHERE, source, slot: -1 };
    const tuning = rules.on(null);
    const excess = this.#identity.judge(seen, rules, tuning);
    const charge = excess && this.#accuser.judge(excess, { service, ts: log.ts, logId: log.id, past: historical }, tuning);
    this.#identity.learn(seen, rules, charge !== undefined);
    if (charge) this.#accuser.note(charge);
    return charge?.finding ? [charge.finding] : [];
  }

  takeChanges(put: (key: string, state: unknown) => void, remove: (key: string) => void): void {
    for (const key of this.#gone) if (!this.#fresh.has(key) && !this.#known.has(key)) remove(key);
    this.#gone.clear();
    this.#identity.takeChanges(({ service, past, id }, state) => put(keyOf(service, past, id), state));
  }

  /** False where it cannot be read. */
  load(key: string, state: unknown): boolean {
    try {
      const [service, past, id]: unknown[] = JSON.parse(key);
      if (typeof service !== 'string' || typeof id !== 'string') return false;
      const source = this.#sourceOf(service, past === 1, id);
      try {
        this.#identity.load(source, state);
      } finally {
        this.#keep(source); // Whether it came again is known with its state.
      }
      return true;
    } catch {
      return false;
    }
  }

  #sourceOf(service: string, past: boolean, id: string): Source {
    const key = keyOf(service, past, id);
    const held = this.#known.get(key) ?? this.#fresh.get(key);
    return held ?? { index: this.#free.pop() ?? this.size, service, type: 'actor', id, past, first: 0 };
  }

  /** As the newest of its sort. */
  #keep(source: Source): Source {
    const key = keyOf(source.service, source.past, source.id);
    const again = (this.#identity.profileOf(source)?.sessions ?? 0) >= ACQUAINTED_SESSIONS;
    this.#fresh.delete(key);
    this.#known.delete(key);
    (again ? this.#known : this.#fresh).set(key, source);
    this.#bound(this.#fresh, MAX_CREDENTIALS * NEWCOMER_SHARE);
    this.#bound(this.#known, MAX_CREDENTIALS * (1 - NEWCOMER_SHARE));
    return source;
  }

  #bound(sources: Map<string, Source>, most: number): void {
    const [[key, source] = []] = sources;
    if (sources.size <= most || key === undefined || !source) return;
    this.#identity.forget(source);
    sources.delete(key);
    this.#free.push(source.index);
    this.#gone.add(key);
    this.evicted += 1;
  }
}
