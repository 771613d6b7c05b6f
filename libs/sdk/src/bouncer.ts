/**
 * The decisions in force, in memory, and the verdict on each request: a look-up by subject, no I/O, no wall clock.
 * At most 100,000 decisions are held, and 64 for one subject; beyond that the weakest go and are counted. Decisions end
 * by the server's time, which the feed brings: the host's clock may be wrong or step.
 */
import type { AllowList, FeedDecision } from '@plimsoll/contracts';
import { addressGroup } from './address.js';
import { Allowed } from './allow-list.js';
import { DecisionStore, type SubjectType, strengthOf } from './decision-store.js';
import type { EndpointPattern, Location, Routes } from './routes.js';
import { Shares } from './shares.js';
import type { Allotment } from './throttle.js';
import { ALLOW, type Held, judge, type Verdict } from './verdict.js';

/** Marks a caller whose fields are in the form in which decisions are held, so that it need not be copied: when it asks, in the monotonic clock. */
export const PLAIN = Symbol('plimsoll plain caller');

/** Who asks for what. What is absent matches no decision. */
export interface Caller {
  actor?: string | undefined;
  /** False where the host has not verified the actor: such an actor is never refused by its id. */
  authenticated?: boolean | undefined;
  /** Fingerprint, as `guard.fingerprint` makes it. */
  credential?: string | undefined;
  /** In canonical form, see address.ts. */
  ip?: string | undefined;
  /** `GET /orders/:id` where known; else it is found from method and path. */
  endpoint?: string | undefined;
  method?: string | undefined;
  /** Without query. */
  path?: string | undefined;
  /** True where the user is about to prove itself: challenges are left out there, or nobody could ever meet one. */
  proving?: boolean | undefined;
  /** All that is known of the caller, where it is asked about again by its actor alone: the allow-list goes by that. */
  whole?: Caller | undefined;
  readonly [PLAIN]?: number;
}

interface Applicable extends Held {
  slot: number;
}

const WHOLE: Allotment = { type: 'whole' };
const MAX_DECISIONS = 100_000;
/** Of ids, subjects and reasons together: 150 bytes a decision, where there are 100,000. */
const MAX_TEXT_BYTES = 14 * 1024 * 1024;
const MAX_FOR_A_SUBJECT = 64;
/** Decisions forgotten at a stretch: what has ended harms nobody meanwhile. */
const SWEPT_AT_ONCE = 2_000;

export class Bouncer {
  readonly #store = new DecisionStore();
  /** Server's time minus the monotonic clock. */
  #offset = 0;
  #dropped = 0;
  /** Of the snapshot under way, or the last one. */
  #generation = 0;
  #inSnapshot = false;
  #sweeping = false;
  #allowed: Allowed | undefined;

  constructor(
    private readonly routes: Routes,
    private readonly maxDecisions = MAX_DECISIONS,
    private readonly shares = new Shares(),
  ) {}

  get size(): number {
    return this.#store.size;
  }
  /** Decisions that had to go for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  get sharesDropped(): number {
    return this.shares.dropped;
  }

  /** `now` is the monotonic clock in milliseconds, here and below. */
  clock(serverTime: number, now: number): void {
    this.#offset = serverTime - now;
    this.sweep(now);
  }

  crowd(instances: number | undefined, busy: readonly string[]): void {
    this.shares.crowd(instances, busy);
  }

  /** The server's time, milliseconds since the epoch, as the feed last told it. */
  serverNow(now: number): number {
    return now + this.#offset;
  }

  /** Who is refused nothing from now on. */
  allow(list: AllowList): void {
    const size = list.actors.length + list.addresses.length + list.credentials.length;
    this.#allowed = size === 0 ? undefined : new Allowed(list);
  }

  begin(): void {
    this.#generation += 1;
    this.#inSnapshot = true;
  }

  put(decisions: readonly FeedDecision[]): void {
    // By age, so that it is the oldest that go where there are too many.
    for (const decision of decisions.toSorted((a, b) => a.version - b.version)) this.#put(decision);
  }

  lift(ids: readonly string[]): void {
    for (const id of ids) {
      const slot = this.#store.find(id);
      if (slot >= 0) this.#store.remove(slot);
    }
  }

  end(): void {
    this.#inSnapshot = false;
    const { capacity } = this.#store;
    for (let slot = 0; slot < capacity; slot += 1) {
      if (this.#store.isUsed(slot) && this.#store.mark(slot) !== this.#generation) this.#store.expire(slot);
    }
    this.sweep(performance.now());
  }

  /** Forgets what has ended, in steps between which the host goes on. */
  sweep(now: number): void {
    const serverNow = now + this.#offset;
    const { capacity } = this.#store;
    let left = SWEPT_AT_ONCE;
    for (let slot = 0; slot < capacity && left > 0; slot += 1) {
      if (!this.#store.isUsed(slot) || this.#store.until(slot) > serverNow) continue;
      this.#store.remove(slot);
      left -= 1;
    }
    if (left > 0 || this.#sweeping) return;
    this.#sweeping = true;
    setImmediate(() => {
      this.#sweeping = false;
      this.sweep(performance.now());
    }).unref();
  }

  /** The verdict; an admitted request is counted against the throttles that apply. */
  check(caller: Caller, now: number): Verdict {
    if (this.#store.size === 0) return ALLOW;
    if (!this.#concerns(caller)) return ALLOW;
    const applicable = this.#applicable(caller, now);
    if (applicable.length === 0 || this.#allowed?.holds(caller.whole ?? caller)) return ALLOW;
    const { verdict, tats } = judge(applicable, now);
    for (const { held, tat } of tats) this.#store.setTat((held as Applicable).slot, tat);
    if (verdict.verdict === 'block' || verdict.verdict === 'challenge') return verdict;
    for (const { decision } of applicable) {
      if (decision.rate) this.shares.saw(decision.id, verdict.verdict === 'allow', now);
    }
    return verdict;
  }

  /** Is there any decision on this caller? Of most there is none: they are told by look-ups that make no object. */
  #concerns({ actor, authenticated, credential, ip }: Caller): boolean {
    const store = this.#store;
    if (actor !== undefined && authenticated !== false && store.holds('actor', actor)) return true;
    if (store.has('credential') && credential !== undefined && store.holds('credential', credential)) return true;
    return ip !== undefined && store.holds('address', addressGroup(ip));
  }

  /** In force now, for this caller and endpoint, in order of precedence; on one subject the oldest version first. */
  #applicable(caller: Caller, now: number): Applicable[] {
    const serverNow = now + this.#offset;
    const store = this.#store;
    const found: Applicable[] = [];
    const at = new Whereabouts(caller, this.routes);
    const collect = (type: SubjectType, subject: string): void => {
      const start = found.length;
      store.each(type, subject, (slot) => {
        if (store.until(slot) <= serverNow || !at.isAt(store.endpoint(slot))) return;
        if (caller.proving === true && store.strength(slot) === CHALLENGE) return;
        const decision = store.read(slot);
        const allotment = decision.rate ? this.shares.of(decision, decision.rate, now) : WHOLE;
        found.push({ slot, decision, tat: store.tat(slot), allotment });
      });
      if (found.length - start < 2) return;
      found.push(...found.splice(start).sort((a, b) => a.decision.version - b.decision.version));
    };
    const { actor, credential, ip } = caller;
    if (store.has('actor') && actor !== undefined && caller.authenticated !== false) collect('actor', actor);
    if (store.has('credential') && credential !== undefined) collect('credential', credential);
    if (store.has('address') && ip !== undefined) collect('address', addressGroup(ip));
    return found;
  }

  #put(decision: FeedDecision): void {
    const old = this.#store.find(decision.id);
    if (old >= 0 && !this.#inSnapshot && this.#store.version(old) > decision.version) return;
    // A prolonged throttle goes on where it stands: a renewal is no fresh burst.
    const tat = old >= 0 ? this.#store.tat(old) : Number.NEGATIVE_INFINITY;
    if (old >= 0) this.#store.remove(old);
    const subject = keyOf(decision.subject);
    if (!this.#roomFor(decision, subject)) {
      this.#dropped += 1;
      return;
    }
    this.#store.add(decision, subject, { tat, mark: this.#generation });
    while (this.#store.size > this.maxDecisions || this.#store.textBytes > MAX_TEXT_BYTES) this.#drop(this.#store.expendable());
  }

  /**
   * Room among the decisions on one subject: the weakest goes, which may be the new one. A block is stronger than a
   * challenge, that stronger than a throttle, what holds everywhere stronger than what holds on one endpoint, newer stronger than older: so no number of
   * throttles on other endpoints pushes a block out.
   */
  #roomFor(decision: FeedDecision, subject: string): boolean {
    const store = this.#store;
    let count = 0;
    let weakest = -1;
    const isWeaker = (a: number, b: number) =>
      strength(store.strength(a), store.endpoint(a) === undefined) -
        strength(store.strength(b), store.endpoint(b) === undefined) || store.version(a) - store.version(b);
    store.each(decision.subject.type, subject, (slot) => {
      count += 1;
      if (weakest < 0 || isWeaker(slot, weakest) < 0) weakest = slot;
    });
    if (count < MAX_FOR_A_SUBJECT) return true;
    const own = strength(strengthOf(decision.action), decision.endpoint === null);
    const least = strength(store.strength(weakest), store.endpoint(weakest) === undefined);
    if (own < least || (own === least && decision.version < store.version(weakest))) return false;
    this.#drop(weakest);
    return true;
  }

  #drop(slot: number): void {
    this.#dropped += 1;
    this.#store.remove(slot);
  }
}

const CHALLENGE = strengthOf('challenge');
const strength = (action: number, everywhere: boolean): number => 2 * action + (everywhere ? 1 : 0);
const keyOf = ({ type, id }: FeedDecision['subject']): string => (type === 'address' ? addressGroup(id) : id);

/** Where a caller goes to: worked out once, and only when a decision for one endpoint asks. */
class Whereabouts {
  #location: Location | undefined;

  constructor(
    private readonly caller: Caller,
    private readonly routes: Routes,
  ) {}

  isAt(endpoint: { text: string; pattern: EndpointPattern } | undefined): boolean {
    const { method, path } = this.caller;
    if (endpoint === undefined) return true;
    if (this.caller.endpoint !== undefined) return this.caller.endpoint === endpoint.text;
    if (method === undefined || path === undefined) return false;
    this.#location ??= this.routes.locate(method, path);
    return this.routes.serves(endpoint.pattern, this.#location);
  }
}
