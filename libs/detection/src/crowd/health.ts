/**
 * Kind `endpoint-health`: failures (status 500 and above) and slowness of an endpoint for everybody. Each of three spans:
 *
 *   failures  limit = max(5, share of the requests: 3 %, 3 times the usual, 1.5 times the greatest usual; geometric tail 1e-8)
 *   slowness  limit = usual mean ln duration + max(ln 1.5, 6 standard errors), error² = within / n + between windows
 *
 * Both practical size and surprise are needed. A longer span accuses only while the present would fill it.
 */
import type { AlertPoint } from '@plimsoll/contracts';
import { amount } from '../explain.js';
import {
  FAILED_RATIO,
  FAILED_RECORD_RATIO,
  FAILURES_KNOWN_MINUTES,
  FAILURES_TAIL,
  FEW_FAILED_SHARE,
  FEW_FAILING_GROUPS,
  FEW_LEAST_FAILURES,
  LEAST_FAILED_SHARE,
  LEAST_FAILURES,
  LEAST_SLOWNESS,
  LEAST_TIMED,
  LONG,
  MIDDLE,
  PULSE_SECONDS,
  SHORT,
  SLOWNESS_ERRORS,
  SLOWNESS_KNOWN_MINUTES,
  SPANS,
  SPEAKING_REQUESTS,
  SURPRISED_ERRORS,
  SURPRISED_TAIL,
  UNNOTICED_MS,
} from './constants.js';
import type { Crowd } from './crowd.js';
import { crowdDurations, crowdFailures, groupsOf } from './groups.js';
import { DURATION, FAILURES } from './minutes.js';
import { type Over, scoreOf } from './over.js';
import { minuteOf } from './window.js';

/** Pulses of the alert's chart. */
const CHARTED = 10;

/** The worst of what is over its limit at the pulse. */
export function illness(crowd: Crowd, pulse: number, servicesShare: number): Over | undefined {
  const age = crowd.norm.ageAt(minuteOf(pulse));
  const failing = age >= FAILURES_KNOWN_MINUTES ? failure(crowd, pulse, servicesShare) : undefined;
  return failing ?? (age >= SLOWNESS_KNOWN_MINUTES ? slowness(crowd, pulse) : undefined);
}

/** What a failing endpoint is measured by: usual share, least share of an alert, tail probability at the limit. */
interface Measure {
  usual: number;
  share: number;
  tail: number;
}

interface Failing {
  span: number;
  all: number;
  observed: number;
  requests: number;
  expected: number;
  limit: number;
}

/** The span that is furthest over its limit. */
function failure(crowd: Crowd, pulse: number, servicesShare: number): Over | undefined {
  const { window, norm } = crowd;
  if (window.total(LONG, pulse, 1) < LEAST_FAILURES) return undefined;
  const usual = norm.failedShare(servicesShare);
  const tail = crowd.isSurprised(FAILURES, pulse) ? SURPRISED_TAIL : FAILURES_TAIL;
  const share = Math.max(LEAST_FAILED_SHARE, FAILED_RATIO * usual, FAILED_RECORD_RATIO * norm.failedRecord);
  const measure = { usual, share, tail };
  let worst: Failing | undefined;
  for (let span = SHORT; span <= LONG; span += 1) {
    const [all, failed] = [window.total(span, pulse, 0), window.total(span, pulse, 1)];
    if (failed < LEAST_FAILURES || failed < share * all) continue;
    if (span === LONG && !stillFailing(window, pulse, share)) continue;
    const { failures: observed, requests } = failing(window, norm, pulse, span);
    const expected = usual * requests;
    const limit = mostFailures(requests, measure);
    if (observed <= limit || (worst && observed * worst.limit <= worst.observed * limit)) continue;
    worst = { span, all, observed, requests, expected, limit };
  }
  return worst && failed(crowd, pulse, worst, measure);
}

function failed({ window, norm }: Crowd, pulse: number, worst: Failing, measure: Measure): Over {
  const { span, all, observed, requests, expected, limit } = worst;
  return {
    kind: 'endpoint-health',
    span,
    observed,
    expected,
    limit,
    unit: 'failed requests',
    windowSeconds: SPANS[span]?.seconds ?? 0,
    requests: all,
    evidence: { own: Math.round(norm.windows), population: 0, weight: 1 },
    signals: [{ name: 'failures', observed, expected, score: scoreOf(worst) }],
    points: failurePoints(window, pulse, worst, measure),
    explain: (where, most) =>
      `${amount(observed)} of ${amount(requests)} requests ${lasting(span)} to ${where} failed (status 500 or above) for many ` +
      `clients, a single loud one not counted; ${usually(expected)} usual; at ${amount(most)} or fewer there would be no alert.`,
  };
}

/** Failures of so many requests that are no alert yet. The greatest geometric count that is not as rare as the tail. */
function mostFailures(requests: number, { usual, share, tail }: Measure): number {
  const expected = usual * requests;
  return Math.floor(Math.max(LEAST_FAILURES - 1, share * requests, Math.log(tail) / Math.log(expected / (1 + expected))));
}

/** The last requests, two minutes of them at least, would fill a longer span, and by more than one client. */
function stillFailing(window: Crowd['window'], pulse: number, share: number): boolean {
  const first = window.since(pulse, 0, LEAST_FAILURES);
  const [requests, failures] = [window.ofMinutes(first, minuteOf(pulse), 0), window.ofMinutes(first, minuteOf(pulse), 1)];
  return failures >= Math.max(2, share * requests) && groupsOf(window.groupsOfMinutes(first, minuteOf(pulse)), 1) >= 2;
}

/** As everybody has it; where only few come, as most of those few have it. */
function failing(window: Crowd['window'], norm: Crowd['norm'], pulse: number, span: number) {
  const groups = window.groups(span, pulse);
  const everybody = crowdFailures(groups);
  if (everybody.failures > 0) return everybody;
  const [requests, failures] = [window.total(span, pulse, 0), window.total(span, pulse, 1)];
  const half = Math.max(FEW_FAILING_GROUPS, groupsOf(groups) / 2);
  const enough = failures >= Math.max(FEW_LEAST_FAILURES, FEW_FAILED_SHARE * requests);
  return enough && groupsOf(groups, 1) >= half && requests <= norm.ordinary(span) ? { failures, requests } : everybody;
}

function failurePoints(
  window: Crowd['window'],
  pulse: number,
  { span, limit, observed }: Failing,
  measure: Measure,
): AlertPoint[] {
  if (span === LONG) return [];
  return charted(pulse).map((at) => {
    if (at === pulse) return { ts: endOf(at), observed, expected: measure.usual * window.total(span, at, 0), limit };
    const requests = window.total(span, at, 0);
    const [failures, expected] = [window.total(span, at, 1), measure.usual * requests];
    return { ts: endOf(at), observed: failures, expected, limit: requests > 0 ? mostFailures(requests, measure) : limit };
  });
}

function slowness(of: Crowd, pulse: number): Over | undefined {
  const { window, norm } = of;
  const surprised = of.isSurprised(DURATION, pulse);
  const expected = norm.expectedLn;
  if (expected <= 0 || window.total(LONG, pulse, 2) < LEAST_TIMED) return undefined;
  for (let span = SHORT; span <= LONG; span += 1) {
    const all = window.total(span, pulse, 2);
    if (all < LEAST_TIMED || window.total(span, pulse, 3) < (expected + LEAST_SLOWNESS) * all) continue;
    const crowd = crowdDurations(window.groups(span, pulse), expected);
    if (!crowd || crowd.timed < LEAST_TIMED / 4) continue;
    const error = Math.sqrt(norm.within / crowd.timed + norm.between);
    const lnLimit = expected + Math.max(LEAST_SLOWNESS, (surprised ? SURPRISED_ERRORS : (SLOWNESS_ERRORS[span] ?? 6)) * error);
    const mean = crowd.ln / crowd.timed;
    if (mean <= lnLimit || (span === LONG && !stillSlow(window, pulse, lnLimit))) continue;
    return slow({ span, mean, expected, lnLimit, timed: crowd.timed, all }, { window, norm }, pulse);
  }
  return undefined;
}

function stillSlow(window: Crowd['window'], pulse: number, lnLimit: number): boolean {
  const first = window.since(pulse, 2, LEAST_TIMED / 2);
  return window.ofMinutes(first, minuteOf(pulse), 3) >= lnLimit * window.ofMinutes(first, minuteOf(pulse), 2);
}

/** Neither failing nor slow at present, by a good measure: it speaks against a service in trouble. */
export function isWell({ window, norm }: Crowd, pulse: number): boolean {
  const [requests, timed] = [window.total(MIDDLE, pulse, 0), window.total(MIDDLE, pulse, 2)];
  if (requests < SPEAKING_REQUESTS || window.total(MIDDLE, pulse, 1) >= 2 * LEAST_FAILED_SHARE * requests) return false;
  return window.total(MIDDLE, pulse, 3) < (norm.expectedLn + LEAST_SLOWNESS) * timed || timed === 0;
}

interface Slow {
  span: number;
  mean: number;
  expected: number;
  lnLimit: number;
  timed: number;
  all: number;
}

function slow(
  { span, mean, expected, lnLimit, timed, all }: Slow,
  { window, norm }: Pick<Crowd, 'window' | 'norm'>,
  pulse: number,
): Over {
  const facts = { observed: msOf(mean), expected: msOf(expected), limit: msOf(lnLimit) };
  const points = (span === LONG ? [] : charted(pulse)).flatMap((at): AlertPoint[] => {
    const requests = window.total(span, at, 2);
    if (requests <= 0) return [];
    return [{ ...facts, ts: endOf(at), observed: msOf(window.total(span, at, 3) / requests) }];
  });
  return {
    kind: 'endpoint-health',
    span,
    ...facts,
    unit: 'ms',
    windowSeconds: SPANS[span]?.seconds ?? 0,
    requests: all,
    evidence: { own: Math.round(norm.windows), population: 0, weight: 1 },
    signals: [{ name: 'duration', observed: facts.observed, expected: facts.expected, score: scoreOf(facts) }],
    points,
    explain: (where, most) =>
      `${where} takes ${amount(facts.observed)} ms for everybody (typical of ${amount(timed)} requests ${lasting(span)}, the slowest ` +
      `clients not counted); ${amount(facts.expected)} ms are usual; at ${amount(most)} ms or less there would be no alert.`,
  };
}

const usually = (count: number) => (count < 1 ? 'less than one is' : `${amount(count)} are`);
const msOf = (ln: number) => Math.max(0, Math.exp(ln) - UNNOTICED_MS);
const lasting = (span: number) => ['in 30 seconds', 'in 2 minutes', 'in 16 minutes'][span] ?? '';
const endOf = (pulse: number) => (pulse + 1) * PULSE_SECONDS * 1000;
const charted = (pulse: number) => Array.from({ length: CHARTED }, (_, index) => pulse - CHARTED + 1 + index);
