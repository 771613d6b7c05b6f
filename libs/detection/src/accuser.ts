/**
 * From an excess to a finding: whether the kind is looked for, how much is tolerated, how severe it is, and whether it is
 * new, worse, or was said a moment ago. Every kind goes through here, so that settings, verdicts, budget and phases hold
 * for all of them alike. `judge` changes nothing; `note` follows when the log or contribution is learnt.
 */
import type { Severity } from '@plimsoll/contracts';
import { MAX_PARTIES } from './constants.js';
import { sourceId, sourceType } from './entities/sources.js';
import { type Episodes, episodeKey, type Standing } from './episodes.js';
import type { Excess } from './excess.js';
import type { Finding, Phase } from './finding.js';
import type { Tuning } from './rules.js';
import { severityOf, worst } from './severity.js';
import type { Tolerances } from './tolerances.js';
import type { Visit } from './visit.js';

/** Where and when an excess was seen. */
export interface Occasion {
  service: string;
  /** Event time, ms. */
  ts: number;
  /** The request log that shows it: alert ids derive from the first one. */
  logId: string;
  /** From late or historical logs. */
  past: boolean;
}

/** An excess that counts; `finding` where it is to be said now. */
export interface Charge {
  key: string;
  ts: number;
  past: boolean;
  requests: number;
  /** How far it went: see `reachOf`. */
  reach: number;
  finding: Finding | undefined;
}

export class Accuser {
  readonly #episodes: Episodes;
  readonly #tolerances: Tolerances;

  constructor(episodes: Episodes, tolerances: Tolerances) {
    this.#episodes = episodes;
    this.#tolerances = tolerances;
  }

  /** Undefined where the kind is off, or the excess within what is tolerated. Changes nothing. */
  judge(excess: Excess, occasion: Occasion, tuning: Tuning): Charge | undefined {
    if (tuning.kinds[excess.kind] === 'off') return undefined;
    const { service, ts, past } = occasion;
    const { kind, subject, where, expected, observed, requests } = excess;
    const key = episodeKey(kind, service, past, subject.type, subject.id, where);
    const limit = expected + (excess.limit - expected) * this.#tolerances.of(service, key);
    if (observed <= limit) return undefined;
    const standing = this.#episodes.standing(key);
    const severity = worst(severityOf(kind, observed, limit), standing?.severity);
    const phase = this.#episodes.phaseOf(key, ts, severity);
    const finding =
      phase && findingOf({ ...excess, limit }, occasion, { phase, severity, standing, actionable: actionable(excess, tuning) });
    return { key, ts, past, requests, reach: reachOf(excess, limit), finding };
  }

  /** What was judged is learnt. */
  note({ key, ts, requests, finding, past, reach }: Charge): void {
    this.#episodes.note(key, ts, requests, finding, past, reach);
  }

  /** Refused where people sign in, for what was told as failed sign-ins: no second alert for its pace. */
  isHeld({ service, log, name, past, endpoint }: Visit): boolean {
    if (log.verdict === 'allow' || !endpoint?.signIn) return false;
    return !this.isOpen('rate', { service, past }, sourceType(log), sourceId(log), name);
  }

  /** An open finding of the kind about the subject. */
  isOpen(
    kind: Excess['kind'],
    { service, past }: Pick<Occasion, 'service' | 'past'>,
    type: string,
    id: string,
    where = '',
  ): boolean {
    return this.#episodes.has(episodeKey(kind, service, past, type, id, where));
  }
}

/** The distance from what was expected, in distances of the limit: what a tolerance must cover to say nothing. */
function reachOf({ observed, expected }: Excess, limit: number): number {
  return limit > expected ? (observed - expected) / (limit - expected) : 1;
}

/** `baseLimit` speaks of a pace: the count extrapolated to an hour. */
function actionable({ kind, observed, windowSeconds }: Excess, { kinds, baseLimit }: Tuning): boolean {
  if (kinds[kind] === 'monitor') return false;
  return (kind !== 'rate' && kind !== 'drift') || (observed * 3600) / windowSeconds >= baseLimit;
}

function findingOf(
  excess: Excess,
  { service, ts, logId, past }: Occasion,
  {
    phase,
    severity,
    standing,
    actionable,
  }: { phase: Phase; severity: Severity; standing: Standing | undefined; actionable: boolean },
): Finding {
  const { where: _where, requests, opening = requests, words, ...facts } = excess;
  const { actors, addresses, ...said } = words(excess.limit);
  return {
    ...facts,
    ...said,
    ...(actors ? { actors: actors.slice(0, MAX_PARTIES), actorCount: Math.max(actors.length, said.actorCount ?? 0) } : {}),
    ...(addresses
      ? { addresses: addresses.slice(0, MAX_PARTIES), addressCount: Math.max(addresses.length, said.addressCount ?? 0) }
      : {}),
    endpoint: standing ? standing.endpoint : excess.endpoint,
    phase,
    ts,
    service,
    severity,
    logId: standing?.logId ?? logId,
    count: standing ? standing.count + requests : opening,
    reach: Math.max(standing?.reach ?? 1, reachOf(excess, excess.limit)),
    historical: past,
    actionable,
  };
}
