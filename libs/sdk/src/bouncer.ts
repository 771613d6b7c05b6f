/**
 * The decisions in force, in memory, and the verdict on each request: a look-up by subject, no I/O, no wall clock.
 * At most 100,000 decisions are held, and 64 for one subject; beyond that the oldest go and are counted. Decisions end
 * by the server's time, which each feed answer brings: the host's clock may be wrong or step.
 */
import type { FeedDecision } from '@plimsoll/contracts';
import { addressGroup } from './address.js';
import { type EndpointPattern, endpointPattern, type Location, type Routes } from './routes.js';
import { ALLOW, type Held, judge, type Verdict } from './verdict.js';

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
}

interface Entry extends Held {
  /** Of its endpoint; made when it is first asked for. */
  pattern?: EndpointPattern;
}

const MAX_FOR_A_SUBJECT = 64;

export class Bouncer {
  readonly #entries = new Map<string, Entry>();
  readonly #bySubject = { actor: index(), credential: index(), address: index() };
  /** Server's time minus the monotonic clock. */
  #offset = 0;
  #dropped = 0;
  #kept: Set<string> | undefined;

  constructor(
    private readonly routes: Routes,
    private readonly maxDecisions = 100_000,
  ) {}

  get size(): number {
    return this.#entries.size;
  }
  /** Decisions that had to go for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `now` is the monotonic clock in milliseconds, here and below. */
  clock(serverTime: number, now: number): void {
    this.#offset = serverTime - now;
    this.sweep(now);
  }

  begin(): void {
    this.#kept = new Set();
  }

  put(decisions: readonly FeedDecision[]): void {
    // By age, so that it is the oldest that go where there are too many.
    for (const decision of decisions.toSorted((a, b) => a.version - b.version)) {
      this.#kept?.add(decision.id);
      this.#put(decision, this.#kept !== undefined);
    }
  }

  lift(ids: readonly string[]): void {
    for (const id of ids) this.#remove(id);
  }

  end(): void {
    for (const id of [...this.#entries.keys()]) if (!this.#kept?.has(id)) this.#remove(id);
    this.#kept = undefined;
  }

  /** Forgets what has ended. */
  sweep(now: number): void {
    for (const [id, { decision }] of this.#entries) if (decision.until <= now + this.#offset) this.#remove(id);
  }

  /** The verdict; an admitted request is counted against the throttles that apply. */
  check(caller: Caller, now: number): Verdict {
    if (this.#entries.size === 0) return ALLOW;
    const applicable = this.#applicable(caller, now + this.#offset);
    if (applicable.length === 0) return ALLOW;
    const { verdict, tats } = judge(applicable, now);
    for (const { held, tat } of tats) held.tat = tat;
    return verdict;
  }

  /** In force now, for this caller and endpoint, in order of precedence. */
  #applicable(caller: Caller, serverNow: number): Entry[] {
    const { actor, credential, address } = this.#bySubject;
    const found: Entry[] = [];
    const at = new Whereabouts(caller, this.routes);
    const collect = (entries: readonly Entry[] | undefined): void => {
      for (const entry of entries ?? []) if (entry.decision.until > serverNow && at.isAt(entry)) found.push(entry);
    };
    if (actor.size > 0 && caller.actor !== undefined && caller.authenticated !== false) collect(actor.get(caller.actor));
    if (credential.size > 0 && caller.credential !== undefined) collect(credential.get(caller.credential));
    if (address.size > 0 && caller.ip !== undefined) collect(address.get(addressGroup(caller.ip)));
    return found;
  }

  #put(decision: FeedDecision, full: boolean): void {
    const old = this.#entries.get(decision.id);
    if (old && !full && old.decision.version > decision.version) return;
    if (old) this.#remove(decision.id);
    const subjects = this.#bySubject[decision.subject.type];
    const key = keyOf(decision.subject);
    const entries = subjects.get(key) ?? [];
    const oldest = entries.length >= MAX_FOR_A_SUBJECT ? entries[0] : undefined;
    if (oldest) this.#drop(oldest.decision.id);
    // A prolonged throttle goes on where it stands: a renewal is no fresh burst.
    const entry: Entry = { decision, tat: old?.tat ?? Number.NEGATIVE_INFINITY };
    this.#entries.set(decision.id, entry);
    const siblings = subjects.get(key);
    if (siblings) siblings.push(entry);
    else subjects.set(key, [entry]);
    while (this.#entries.size > this.maxDecisions) this.#drop(this.#entries.keys().next().value ?? '');
  }

  #drop(id: string): void {
    this.#dropped += 1;
    this.#remove(id);
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const { type } = entry.decision.subject;
    const subject = keyOf(entry.decision.subject);
    const siblings = this.#bySubject[type].get(subject)?.filter((one) => one !== entry) ?? [];
    if (siblings.length > 0) this.#bySubject[type].set(subject, siblings);
    else this.#bySubject[type].delete(subject);
  }
}

const index = () => new Map<string, Entry[]>();
const keyOf = ({ type, id }: FeedDecision['subject']): string => (type === 'address' ? addressGroup(id) : id);

/** Where a caller goes to: worked out once, and only when a decision for one endpoint asks. */
class Whereabouts {
  #location: Location | undefined;

  constructor(
    private readonly caller: Caller,
    private readonly routes: Routes,
  ) {}

  isAt(entry: Entry): boolean {
    const { endpoint } = entry.decision;
    const { method, path } = this.caller;
    if (endpoint === null) return true;
    if (this.caller.endpoint !== undefined) return this.caller.endpoint === endpoint;
    if (method === undefined || path === undefined) return false;
    this.#location ??= this.routes.locate(method, path);
    entry.pattern ??= endpointPattern(endpoint);
    return this.routes.serves(entry.pattern, this.#location);
  }
}
