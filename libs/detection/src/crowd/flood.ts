/**
 * Kind `flood`: an endpoint's requests, as many sources make them, far above everything that is usual now.
 *
 *   limit = max(60 or 100 requests, 2.5 or 2 times the usual, usual + 6 standard errors)      in 2 or 16 minutes
 *           2 or 1.6 times, where the minute path is surprised too
 *           before a day is known: 600 or 4,800 requests, ten times the usual, and the usual of the whole service
 *   usual = the norm's highest expectation (norm.ts), times what the other endpoints are above theirs
 *   standard error² = clumping x usual: requests come in pages, the ratio of variance to mean is learnt
 */
import { amount } from '../explain.js';
import {
  FLOOD_ERRORS,
  FLOOD_KNOWN_MINUTES,
  FLOOD_RATIO,
  LEAST_FLOOD,
  LEAST_FLOOD_GROUPS,
  LEAST_PEER_REQUESTS,
  LEAST_PEERS,
  LONG,
  MIDDLE,
  PULSE_SECONDS,
  RECENT_MINUTES,
  SERVICE_FLOOD_RATIO,
  SERVICE_FLOOD_SIZE,
  SPANS,
  SURPRISED_FLOOD_RATIO,
  YOUNG_FLOOD_RATIO,
  YOUNG_LEAST_FLOOD,
} from './constants.js';
import type { Crowd } from './crowd.js';
import { crowdRequests, groupsOf } from './groups.js';
import { REQUESTS } from './minutes.js';
import { type Over, scoreOf } from './over.js';
import { minuteOf } from './window.js';

/** Middle spans in a long one. */
const IN_LONG = 8;

/**
 * @param whole the service that the endpoint belongs to
 * @param surge by what factor the others are above their usual in a span; asked for only where it decides
 */
export function flooding(crowd: Crowd, whole: Crowd, pulse: number, surge: (span: number) => number): Over | undefined {
  const { window, norm } = crowd;
  const age = norm.ageAt(minuteOf(pulse));
  const young = age < FLOOD_KNOWN_MINUTES;
  if (young && (age < RECENT_MINUTES || crowd === whole)) return undefined;
  for (let span = MIDDLE; span <= LONG; span += 1) {
    const all = window.total(span, pulse, 0);
    const usual = norm.expected[span] ?? 0;
    const limitFor = (expected: number) => (young ? youngLimit(whole, span, expected) : limitOf(crowd, pulse, span, expected));
    const plain = limitFor(usual);
    if (all <= plain) continue;
    const groups = window.groups(span, pulse);
    const requests = crowdRequests(groups);
    if (requests <= plain || groupsOf(groups) < LEAST_FLOOD_GROUPS) continue;
    if (span === LONG && window.total(MIDDLE, pulse, 0) < plain / IN_LONG) continue;
    const factor = Math.max(1, surge(span));
    const expected = usual * factor;
    const limit = Math.ceil(limitFor(expected));
    if (requests <= limit) continue;
    return told(crowd, pulse, { span, all, requests, expected, limit, factor });
  }
  return undefined;
}

function limitOf(crowd: Crowd, pulse: number, span: number, usual: number): number {
  const { endpoint, norm } = crowd;
  const ratios = crowd.isSurprised(REQUESTS, pulse) ? SURPRISED_FLOOD_RATIO : FLOOD_RATIO;
  const [ratio, size] = endpoint === null ? [SERVICE_FLOOD_RATIO, SERVICE_FLOOD_SIZE] : [ratios[span] ?? 2, 1];
  return Math.max(size * (LEAST_FLOOD[span] ?? 0), ratio * usual, usual + FLOOD_ERRORS * Math.sqrt(norm.clumping * usual));
}

/** Of an endpoint that was not seen for a day yet. */
const youngLimit = ({ norm }: Crowd, span: number, usual: number) =>
  Math.max(YOUNG_LEAST_FLOOD[span] ?? 0, YOUNG_FLOOD_RATIO * usual, norm.expected[span] ?? 0);

interface Facts {
  span: number;
  all: number;
  requests: number;
  expected: number;
  limit: number;
  factor: number;
}

function told({ window, norm }: Crowd, pulse: number, { span, all, requests, expected, limit, factor }: Facts): Over {
  const windowSeconds = SPANS[span]?.seconds ?? 0;
  const points = Array.from({ length: span === LONG ? 1 : 10 }, (_, index, { length } = { length: span === LONG ? 1 : 10 }) => {
    const at = pulse - length + 1 + index;
    return {
      ts: (at + 1) * PULSE_SECONDS * 1000,
      observed: at === pulse ? requests : window.total(span, at, 0),
      expected,
      limit,
    };
  });
  const surge = factor >= 1.2 ? ` (everything else is at ${amount(factor)} times its usual)` : '';
  return {
    kind: 'flood',
    span,
    observed: requests,
    expected,
    limit,
    unit: 'requests',
    windowSeconds,
    requests: all,
    evidence: { own: Math.round(norm.windows), population: 0, weight: 1 },
    signals: [{ name: 'requests', observed: requests, expected, score: scoreOf({ observed: requests, expected, limit }) }],
    points,
    explain: (where, most) =>
      `${amount(requests)} requests in ${amount(windowSeconds / 60)} minutes on ${where} from many sources, the loudest not counted ` +
      `in full; at most ${amount(expected)} are usual now${surge}; at ${amount(most)} or fewer there would be no alert.`,
  };
}

/**
 * By what factor the other endpoints of a service are above their usual: the median, by the usual's weight, so that a
 * flood of one or two does not excuse itself. 1 where too few are there to tell.
 */
export function surgeOf(others: Iterable<Crowd>, except: Crowd, pulse: number, span: number): number {
  const peers: { ratio: number; weight: number }[] = [];
  let weight = 0;
  for (const crowd of others) {
    const usual = crowd.norm.expected[span] ?? 0;
    if (crowd === except || usual < LEAST_PEER_REQUESTS) continue;
    const part = Math.sqrt(usual);
    peers.push({ ratio: crowd.window.total(span, pulse, 0) / usual, weight: part });
    weight += part;
  }
  if (peers.length < LEAST_PEERS) return 1;
  let half = weight / 2;
  for (const { ratio, weight: part } of peers.sort((a, b) => a.ratio - b.ratio)) {
    half -= part;
    if (half <= 0) return ratio;
  }
  return 1;
}
