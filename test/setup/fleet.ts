/**
 * Instances of one service under one throttle, on a clock of their own: the SDK's verdicts and counts as they are, Redis as
 * it is, and between them messages that take as long as the test says. Nothing waits, so that minutes pass in a second.
 */
import { type Redis, readCrowd, sharedBurst, shareOut } from '@plimsoll/storage';
import { Bouncer } from '../../libs/sdk/src/bouncer.js';
import { Routes } from '../../libs/sdk/src/routes.js';
import { Shares } from '../../libs/sdk/src/shares.js';
import { gcra } from '../../libs/sdk/src/throttle.js';

const STEP_MS = 10;
const NEVER = Number.POSITIVE_INFINITY;
/** As demand.ts has them. */
const LEAST_MS = 250;
const START = 1_800_000_000_000;
const ID = 'dec_throttle00000000';

export interface FleetPlan {
  instances: number;
  rate: { requests: number; windowSeconds: number };
  seconds: number;
  /** Requests a second of all instances. */
  demand: (second: number) => number;
  /** Of each instance, in any unit. */
  weights: (second: number) => readonly number[];
  /** There and back between an instance and the server. */
  latencyMs: number;
  random: () => number;
  /** From when to when, seconds, the server cannot be reached. */
  away?: readonly [number, number];
}

interface Member {
  bouncer: Bouncer;
  shares: Shares;
  askedAt: number;
  dueAt: number;
  asking: boolean;
}

export class Fleet {
  /** When requests were admitted, milliseconds since the start. */
  readonly admitted: number[] = [];
  /** When one bucket that all instances share without any delay would have admitted the same requests. */
  readonly ideal: number[] = [];
  wanted = 0;
  #idealTat = Number.NEGATIVE_INFINITY;
  asked = 0;
  readonly #members: Member[];
  readonly #later: { at: number; act: () => void }[] = [];
  #busy: string[] = [];
  #now = 0;

  constructor(
    private readonly redis: Redis,
    private readonly namespace: string,
    private readonly plan: FleetPlan,
  ) {
    this.#members = Array.from({ length: plan.instances }, () => this.#member());
  }

  async run(): Promise<this> {
    for (; this.#now < this.plan.seconds * 1000; this.#now += STEP_MS) {
      for (const { act } of this.#due()) act();
      this.#arrive();
      for (const [index, member] of this.#members.entries()) if (member.dueAt <= this.#now) await this.#ask(index, member);
      if (this.#now % 1_000 === 0) await this.#recheck();
    }
    return this;
  }

  /** The most and the least that were admitted in any `spanMs` after `fromMs`, and how far below the ideal at worst. */
  extremes(spanMs: number, fromMs: number): { most: number; least: number; below: number } {
    const last = this.plan.seconds * 1000 - spanMs;
    const found = { most: 0, least: NEVER, below: 0 };
    const admitted = counter(this.admitted, spanMs);
    const ideal = counter(this.ideal, spanMs);
    for (let start = fromMs; start <= last; start += STEP_MS) {
      const count = admitted(start);
      found.most = Math.max(found.most, count);
      found.least = Math.min(found.least, count);
      found.below = Math.max(found.below, ideal(start) - count);
    }
    return found;
  }

  #member(): Member {
    const member: Member = { askedAt: Number.NEGATIVE_INFINITY, dueAt: NEVER, asking: false } as Member;
    member.shares = new Shares((since) => {
      if (!member.asking) member.dueAt = Math.min(member.dueAt, Math.max(since, member.askedAt + LEAST_MS));
    });
    member.bouncer = new Bouncer(new Routes(), undefined, member.shares);
    member.bouncer.clock(START, 0);
    member.bouncer.put([
      {
        id: ID,
        version: 1,
        action: 'throttle',
        subject: { type: 'actor', id: 'mallory' },
        endpoint: null,
        rate: this.plan.rate,
        reason: '',
        until: START + 86_400_000,
      },
    ]);
    member.shares.crowd(this.plan.instances, []);
    return member;
  }

  #arrive(): void {
    const second = this.#now / 1000;
    const weights = this.plan.weights(second);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, { bouncer }] of this.#members.entries()) {
      let expected = (this.plan.demand(second) * (weights[index] ?? 0) * STEP_MS) / 1000 / total;
      for (; expected > 0; expected -= 1) {
        if (this.plan.random() >= expected) continue;
        this.wanted += 1;
        const one = gcra(this.plan.rate, this.#idealTat, this.#now, sharedBurst(this.plan.rate));
        if (one.admitted) this.ideal.push(this.#now);
        this.#idealTat = one.tat;
        if (bouncer.check({ actor: 'mallory' }, this.#now).verdict === 'allow') this.admitted.push(this.#now);
      }
    }
  }

  get #isAway(): boolean {
    const [from, to] = this.plan.away ?? [0, 0];
    return this.#now >= from * 1000 && this.#now < to * 1000;
  }

  async #ask(index: number, member: Member): Promise<void> {
    member.dueAt = NEVER;
    const { shares } = member;
    const demands = shares.tell(this.#now);
    if (demands.length === 0) return this.#goOn(member);
    this.asked += 1;
    member.asking = true;
    member.askedAt = this.#now;
    const at = this.#now + this.plan.latencyMs;
    if (this.#isAway) return void this.#later.push({ at, act: () => this.#failed(member) });
    const now = START + this.#now + this.plan.latencyMs / 2;
    const asking = { service: 'shop', instance: `i-${index}`, demands, everyMs: shares.everyMs, now };
    const answer = await shareOut(this.redis, this.namespace, asking);
    this.#later.push({
      at,
      act: () => {
        member.asking = false;
        shares.answered(demands, answer.shares, shares.everyMs, this.#now);
        this.#goOn(member);
      },
    });
    if (answer.changed) await this.#recheck();
  }

  #failed(member: Member): void {
    member.asking = false;
    member.shares.failed();
    this.#goOn(member);
  }

  #goOn(member: Member): void {
    if (!member.shares.open) return;
    const usual = member.askedAt + member.shares.everyMs * (0.9 + 0.2 * this.plan.random());
    member.dueAt = Math.max(Math.min(usual, member.shares.dueAt), member.askedAt + LEAST_MS);
  }

  /** What a beat of the feed tells. */
  async #recheck(): Promise<void> {
    if (this.#isAway) return;
    const { busy } = await readCrowd(this.redis, this.namespace, 'shop', START + this.#now, 100);
    if (busy.join() === this.#busy.join()) return;
    this.#busy = busy;
    const tell = () => {
      for (const { shares } of this.#members) shares.crowd(this.plan.instances, busy);
    };
    this.#later.push({ at: this.#now + this.plan.latencyMs, act: tell });
  }

  #due(): { act: () => void }[] {
    const due = this.#later.filter(({ at }) => at <= this.#now);
    for (const one of due) this.#later.splice(this.#later.indexOf(one), 1);
    return due;
  }
}

/** How many of `times` lie in a span that begins at a moment, asked for in rising order. */
function counter(times: readonly number[], spanMs: number): (start: number) => number {
  let from = 0;
  let to = 0;
  return (start) => {
    while ((times[from] ?? NEVER) < start) from += 1;
    while ((times[to] ?? NEVER) < start + spanMs) to += 1;
    return to - from;
  };
}

/** A generator of numbers in [0, 1) with a seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
