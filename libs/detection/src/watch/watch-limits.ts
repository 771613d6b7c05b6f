/** The limits of stage two, and the finding that says how one was crossed. Pure functions of what is remembered. */
import type { AlertPoint } from '@plimsoll/contracts';
import {
  ACCOUNTS_LIMIT,
  BURST_SECONDS,
  EXCUSE,
  FAILURES_LIMIT,
  LEAST_WATCH_LIMIT,
  MISSES_LIMIT,
  MOST_EXCUSE,
  PLAIN_SENSITIVITY,
  SLOW_SECONDS,
  TAIL,
  THROTTLE_LEAST,
} from '../constants.js';
import type { Excess } from '../excess.js';
import { explainWatch } from '../explain.js';
import { scoreOf } from '../statistics/baseline.js';
import { countOf, distinctSince, type Tally } from '../statistics/tallies.js';
import type { Absorbed, Watched } from './watched.js';

export type WatchKind = 'auth-failures' | 'credential-stuffing' | 'probing';

export interface WatchOver {
  kind: WatchKind;
  windowSeconds: number;
  observed: number;
  limit: number;
  expected: number;
  score: number;
  /** Requests that took part since the last contribution. */
  fresh: number;
  /** What excused some of it. */
  successes: number;
  /** Probing: all requests, those that found nothing too. */
  requests?: number;
  unit: string;
  history: Tally;
}

const SCALES = [
  { name: 'burst', seconds: BURST_SECONDS },
  { name: 'slow', seconds: SLOW_SECONDS },
] as const;

/** The kinds that are over a limit now, each by its most surprising window. Only what was just told can accuse. */
export function excessesOf(watched: Watched, told: Absorbed, second: number, sensitivity: number): WatchOver[] {
  const found: WatchOver[] = [];
  if (told.failures > 0 && watched.type === 'address') push(found, stuffing(watched, told, second, sensitivity));
  const several = watched.type === 'address' || watched.verified || distinctSince(watched.addresses, second - SLOW_SECONDS) > 1;
  if (told.failures > 0 && several) push(found, guessing(watched, told, second, sensitivity));
  if (told.misses > 0) push(found, probing(watched, told, second, sensitivity));
  return found;
}

function push(found: WatchOver[], excess: WatchOver | undefined): void {
  if (excess) found.push(excess);
}

function stuffing(watched: Watched, told: Absorbed, second: number, sensitivity: number): WatchOver | undefined {
  return worstOf(
    SCALES.map(({ name, seconds }, scale) => ({
      kind: 'credential-stuffing',
      windowSeconds: seconds,
      observed: distinctSince(watched.accounts, second - seconds),
      successes: successesIn(watched, scale, second),
      limit: limitOf(ACCOUNTS_LIMIT[name], EXCUSE.accounts * successesIn(watched, scale, second), sensitivity),
      fresh: told.failures,
      unit: 'accounts',
      history: watched.failures[scale] as Tally,
    })),
  );
}

/** Repeated guesses: one failure for each further account is a person each, not a guess more. */
function guessing(watched: Watched, told: Absorbed, second: number, sensitivity: number): WatchOver | undefined {
  return worstOf(
    SCALES.map(({ name, seconds }, scale) => {
      const people = watched.type === 'address' ? Math.max(0, distinctSince(watched.accounts, second - seconds) - 1) : 0;
      const successes = successesIn(watched, scale, second);
      return {
        kind: 'auth-failures',
        windowSeconds: seconds,
        observed: Math.max(0, countOf(watched.failures[scale] as Tally, second) - people),
        successes,
        limit: limitOf(FAILURES_LIMIT[name], watched.type === 'address' ? EXCUSE.failures * successes : 0, sensitivity),
        fresh: told.failures,
        unit: 'failed sign-ins',
        history: watched.failures[scale] as Tally,
      };
    }),
  );
}

function probing(watched: Watched, told: Absorbed, second: number, sensitivity: number): WatchOver | undefined {
  return worstOf(
    SCALES.map(({ name, seconds }, scale) => {
      const observed = distinctSince(watched.paths, second - seconds) + countOf(watched.beyond[scale] as Tally, second);
      const requests = countOf(watched.requests[scale] as Tally, second);
      const found = Math.max(0, requests - countOf(watched.vain[scale] as Tally, second));
      return {
        kind: 'probing',
        windowSeconds: seconds,
        observed,
        successes: found,
        requests: Math.max(requests, observed),
        limit: limitOf(MISSES_LIMIT[name], EXCUSE.misses * found, sensitivity),
        fresh: told.misses,
        unit: 'unknown paths',
        history: watched.misses[scale] as Tally,
      };
    }),
  );
}

const successesIn = (watched: Watched, scale: number, second: number) => countOf(watched.successes[scale] as Tally, second);

/** What a person does, stretched by `sensitivity`, and what success excuses. */
function limitOf(bare: number, excuse: number, sensitivity: number): number {
  const expected = expectedOf(bare);
  const stretched = expected + ((bare - expected) * sensitivity) / PLAIN_SENSITIVITY;
  return Math.floor(Math.max(LEAST_WATCH_LIMIT, stretched) + Math.min(excuse, MOST_EXCUSE * bare));
}

/** Mean of the geometric distribution whose tail just beyond the limit is TAIL. */
export function expectedOf(limit: number): number {
  const ratio = TAIL ** (1 / (limit + 1));
  return ratio / (1 - ratio);
}

function worstOf(candidates: Omit<WatchOver, 'expected' | 'score'>[]): WatchOver | undefined {
  let worst: WatchOver | undefined;
  for (const candidate of candidates) {
    if (candidate.observed <= candidate.limit) continue;
    const expected = expectedOf(candidate.limit);
    const score = scoreOf({ mean: expected, dispersion: 1, blocks: 0 }, candidate.observed, PLAIN_SENSITIVITY);
    if (!worst || score > worst.score) worst = { ...candidate, expected, score };
  }
  return worst;
}

/** The excess as every kind tells it. */
export function watchExcess(watched: Watched, over: WatchOver, ts: number): Excess {
  const { kind, observed, expected, limit, windowSeconds, unit, score, successes, requests = successes } = over;
  const { type, id } = watched;
  const endpoint = kind === 'probing' ? null : watched.endpoint;
  const names = kind === 'probing' ? [] : (type === 'address' ? watched.accounts : watched.addresses).map(([text]) => text);
  return {
    kind,
    subject: { type, id },
    endpoint,
    where: '',
    observed,
    expected,
    limit,
    unit,
    windowSeconds,
    score,
    evidence: { own: requests, population: 0, weight: 0 },
    verified: type === 'address' || watched.verified,
    rate: { requests: throttleOf(over, endpoint), windowSeconds },
    requests: over.fresh,
    opening: observed,
    words: (clear) => ({
      explanation: explainWatch({
        kind,
        type,
        id,
        observed,
        windowSeconds,
        endpoint,
        successes: requests,
        parties: names.length,
        limit: Math.floor(clear),
      }),
      signals: [{ name: `${unit} in ${windowSeconds} s`, observed, expected, score }],
      points: pointsOf(over, ts),
      ...(type === 'address' ? { actors: names, addresses: [id] } : { actors: [id], addresses: names }),
    }),
  };
}

/** On one endpoint the limit itself; where an address is held everywhere, what it did rightly, or else what a person needs. */
function throttleOf({ limit, successes, windowSeconds }: WatchOver, endpoint: string | null): number {
  if (endpoint !== null) return Math.max(1, limit);
  return Math.max(limit, successes, (THROTTLE_LEAST * windowSeconds) / 60);
}

function pointsOf({ history, observed, expected, limit }: WatchOver, ts: number): AlertPoint[] {
  const closed = history.closed.map(([bucket, count]) => ({
    ts: (bucket + 1) * history.window * 1000,
    observed: count,
    expected,
    limit,
  }));
  return [...closed.filter((point) => point.ts < ts), { ts, observed, expected, limit }];
}
