/**
 * What sessions of everyone are like: how many show a new device and network, or one credential on two devices, and how
 * many use an endpoint. Learnt from sessions of accounts with a history, counted with the populations (objects/norms.ts)
 * under a name that no endpoint has, and so the same in every shard.
 */
import type { Contribution } from '../contribution.js';
import type { Endpoint } from '../entities/endpoints.js';
import { type Commons, NormLedger } from '../objects/norms.js';
import { AIMS, type Aim, type Habit, OWN_PRIOR_SESSIONS, PRIOR_SESSIONS, PRIOR_SHARES } from './constants.js';

/** No method and no path: never an endpoint. */
const SESSIONS = '* sessions';
const USED = 'session-used';

export interface Share {
  share: number;
  /** Sessions behind it. */
  sessions: number;
}

export class Habits {
  readonly #commons: Commons;
  readonly #ledger = new NormLedger();

  constructor(commons: Commons) {
    this.#commons = commons;
  }

  /** A session of a known account is over. */
  note(service: string, second: number, habit: Habit, shown: boolean): void {
    const one = shown ? 1 : 0;
    this.#ledger.add(service, SESSIONS, second, `session-${habit}`, false, [1, one, one]);
  }

  /** A known account used an endpoint for the first time in a session. */
  noteUse(service: string, endpoint: string, second: number): void {
    this.#ledger.add(service, endpoint, second, USED, false, [1, 1, 1]);
  }

  /** Share of sessions that show it; `shown` of `sessions` are the account's own. */
  shareOf(service: string, habit: Habit, shown: number, sessions: number): Share {
    const known = this.#commons.of(service, SESSIONS).of(`session-${habit}`);
    const blocks = known?.blocks ?? 0;
    const doubt = Math.max(0, 1 - blocks / PRIOR_SESSIONS);
    const prior = PRIOR_SHARES[habit] ** (1 - doubt / 2);
    const everyone = (PRIOR_SESSIONS * prior + blocks * (known?.mean ?? 0)) / (PRIOR_SESSIONS + blocks);
    const share = (OWN_PRIOR_SESSIONS * everyone + shown) / (OWN_PRIOR_SESSIONS + sessions);
    return { share, sessions: blocks };
  }

  /**
   * How much likelier a thief uses it in a session than the owner, as a logarithm; never below zero.
   * @param own sessions of the account that used it, and all of them
   */
  evidenceOf(
    endpoint: Pick<Endpoint, 'service' | 'name'>,
    aim: Aim,
    second: number,
    own: { uses: number; sessions: number },
  ): number {
    const { thief, owner } = AIMS[aim];
    if (thief === 0) return 0;
    const everyone = this.#commons.of(endpoint.service, SESSIONS);
    const one = this.#commons.of(endpoint.service, endpoint.name);
    const uses = one.of(USED)?.blocks ?? 0;
    // An endpoint that was not there yet could not be used: sessions before it say nothing.
    const whole = second - everyone.since;
    const share = whole > 0 ? Math.min(1, Math.max(0, (second - one.since) / whole)) : 0;
    const sessions = Math.max(uses, (everyone.of('session-stranger')?.blocks ?? 0) * share);
    const prior = (PRIOR_SESSIONS * owner + uses) / (PRIOR_SESSIONS + sessions);
    const usual = (OWN_PRIOR_SESSIONS * prior + own.uses) / (OWN_PRIOR_SESSIONS + own.sessions);
    return Math.max(0, Math.log(thief / Math.max(usual, own.uses === 0 ? prior : 0)));
  }

  take(): Contribution[] {
    return this.#ledger.take();
  }
}
