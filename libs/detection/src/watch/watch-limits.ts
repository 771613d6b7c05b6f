/**
 * The limits of stage two for single addresses and accounts. Pure functions of what is remembered. Each kind is judged in
 * several windows; the most surprising one speaks.
 */
import { PLAIN_SENSITIVITY, TAIL } from '../constants.js';
import { scoreOf } from '../statistics/baseline.js';
import { countOf, courseOf, distinctSince, type Tally } from '../statistics/tallies.js';
import {
  ACCOUNTS_LIMIT,
  BURST,
  DAY,
  EXCUSE,
  FAILURES_LIMIT,
  HOME_EXCUSE,
  HOUR,
  LEAST_TOOL_PATHS,
  LEAST_WATCH_LIMIT,
  MINUTE,
  MISSES_LIMIT,
  MOST_EXCUSE,
  PACE,
  STRANGER_SECONDS,
  TOOL_WEIGHT,
} from './constants.js';
import { isToolPath } from './tool-paths.js';
import { type Absorbed, isHome, type Partner, type Watched } from './watched.js';

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
  /** What excused some of it: sign-ins that succeeded, or requests that found something. */
  successes: number;
  unit: string;
  /** Those of the observed paths that only attack tools ask for. */
  tools?: number;
  /** Seconds and counts of the recent past, in the same window. */
  course: [second: number, count: number][];
}

type Candidate = Omit<WatchOver, 'expected' | 'score' | 'course'> & { history?: Tally };

/** The kinds that are over a limit now, each by its most surprising window. Only what was just told can accuse. */
export function excessesOf(watched: Watched, told: Absorbed, second: number, sensitivity: number): WatchOver[] {
  const found: (WatchOver | undefined)[] = [];
  if (told.failures > 0 && watched.type === 'address') found.push(worstOf(stuffing(watched, told, second, sensitivity)));
  if (told.failures > 0 && isTheirs(watched, second)) found.push(worstOf(guessing(watched, told, second, sensitivity)));
  if (told.misses > 0 && !hasFewPaths(watched)) found.push(worstOf(probing(watched, told, second, sensitivity)));
  return found.filter((over) => over !== undefined);
}

/** No more than any limit of probing, however strict: most of those who miss something. */
const hasFewPaths = ({ paths, beyond }: Watched) =>
  paths.length <= LEAST_WATCH_LIMIT && beyond.every(({ counts }) => counts.length === 0);

const failing = ({ partners }: Watched, since: number): Partner[] =>
  partners.filter(({ counted, failed }) => counted > 0 && failed > since);

/**
 * Guesses at one account are told of the address they come from; of the account where they come from several of which none
 * says enough by itself, or where the host vouches for it (one-time codes within a session).
 */
function isTheirs(watched: Watched, second: number): boolean {
  const partners = failing(watched, second - HOUR.seconds);
  if (watched.type === 'address') return !(watched.vouched && partners.length <= 1);
  return watched.vouched || partners.length - partners.filter(isTold).length > 1;
}

/** Somebody was seen to sign in from there. */
const isKnown = ({ partners, successes }: Watched) => partners.some(({ since }) => since > 0) || successes[1].counts.length > 0;

/** An address that is accused by itself. */
const isTold = ({ counted }: Partner) => counted > FAILURES_LIMIT.hour;

/** What of an account's failures is told of their addresses already. */
function toldOf(watched: Watched, second: number): number {
  if (watched.type === 'address' || watched.vouched) return 0;
  const told = failing(watched, second - HOUR.seconds).filter(isTold);
  return told.reduce((sum, { counted }) => sum + counted, 0);
}

function stuffing(watched: Watched, told: Absorbed, second: number, sensitivity: number): Candidate[] {
  const accounts = (seconds: number) =>
    failing(watched, second - seconds).filter((one) => !isHome(one, second) || one.row > HOME_EXCUSE).length;
  return (
    [
      [MINUTE.seconds, ACCOUNTS_LIMIT.burst, 0],
      [HOUR.seconds, ACCOUNTS_LIMIT.hour, 0],
      [DAY.seconds, ACCOUNTS_LIMIT.day, 1],
    ] as const
  ).map(([windowSeconds, bare, scale]) => {
    const successes = countOf(watched.successes[scale], second);
    return {
      kind: 'credential-stuffing',
      windowSeconds,
      observed: accounts(windowSeconds),
      successes,
      limit: limitOf(bare, EXCUSE.accounts * successes, sensitivity),
      fresh: told.failures,
      unit: 'accounts',
    };
  });
}

/** Repeated guesses: one failure for each further account is a person each, not a guess more. */
function guessing(watched: Watched, told: Absorbed, second: number, sensitivity: number): Candidate[] {
  const address = watched.type === 'address';
  const people = (seconds: number) => (address ? Math.max(0, failing(watched, second - seconds).length - 1) : 0);
  const windows: [seconds: number, bare: number, history: Tally, scale: 0 | 1, unit: string][] = [
    [BURST.seconds, FAILURES_LIMIT.burst, watched.burst, 0, 'failed sign-ins'],
    [PACE.seconds, watched.vouched ? FAILURES_LIMIT.codes : FAILURES_LIMIT.pace, watched.pace, 0, 'failed sign-ins'],
    [HOUR.seconds, FAILURES_LIMIT.hour, watched.failures, 0, 'failed sign-ins'],
  ];
  if (address && !isKnown(watched)) {
    const pace = { ...watched.pace, steps: STRANGER_SECONDS / watched.pace.step };
    windows.push([STRANGER_SECONDS, FAILURES_LIMIT.stranger, pace, 0, 'failed sign-ins']);
  }
  // An account's owner comes back from elsewhere all day: only an address is told of its patience.
  if (address) windows.push([DAY.seconds, FAILURES_LIMIT.attempts, watched.attempts, 1, 'attempts to sign in']);
  const rest = Math.max(0, countOf(watched.failures, second) - toldOf(watched, second));
  return windows.map(([windowSeconds, bare, history, scale, unit]) => {
    const successes = countOf(watched.successes[scale], second);
    return {
      kind: 'auth-failures',
      windowSeconds,
      observed: address
        ? Math.max(0, countOf(history, second) - people(windowSeconds))
        : Math.min(countOf(history, second), rest),
      successes,
      limit: limitOf(bare, address ? EXCUSE.failures * successes : 0, sensitivity),
      fresh: told.failures,
      unit,
      history,
    };
  });
}

function probing(watched: Watched, told: Absorbed, second: number, sensitivity: number): Candidate[] {
  const [minute, hour, day] = watched.found.map((found) => countOf(found, second)) as [number, number, number];
  const beyond = watched.beyond.map((crowd) => countOf(crowd, second)) as [number, number];
  return (
    [
      [MINUTE.seconds, MISSES_LIMIT.burst, beyond[0], minute, EXCUSE.misses],
      [HOUR.seconds, MISSES_LIMIT.hour, beyond[1], hour, EXCUSE.misses],
      [DAY.seconds, MISSES_LIMIT.day, beyond[1], day, EXCUSE.missesOfDay],
    ] as const
  ).map(([windowSeconds, bare, crowd, successes, excuse]) => {
    const tools = windowSeconds === MINUTE.seconds ? toolPathsSince(watched, second - windowSeconds) : 0;
    const plain = limitOf(bare, excuse * successes, sensitivity);
    const damning = Math.floor((TOOL_WEIGHT - 1) * tools);
    return {
      kind: 'probing',
      windowSeconds,
      observed: distinctSince(watched.paths, second - windowSeconds) + crowd,
      successes,
      limit: Math.max(Math.min(plain, LEAST_TOOL_PATHS), plain - damning),
      fresh: told.misses,
      tools,
      unit: 'unknown paths',
    };
  });
}

const toolPathsSince = ({ paths }: Watched, since: number) =>
  paths.reduce((count, [path, seen]) => count + (seen > since && isToolPath(path) ? 1 : 0), 0);

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

/** What is over in a short window says more of now than what is over in a day. */
function worstOf(candidates: Candidate[]): WatchOver | undefined {
  const over = candidates.filter(({ observed, limit }) => observed > limit);
  const short = over.filter(({ windowSeconds }) => windowSeconds < DAY.seconds);
  const scored = (short.length > 0 ? short : over).map(({ history, ...candidate }) => {
    const expected = expectedOf(candidate.limit);
    const score = scoreOf({ mean: expected, dispersion: 1, blocks: 0 }, candidate.observed, PLAIN_SENSITIVITY);
    return { ...candidate, expected, score, course: history ? courseOf(history) : [] };
  });
  return scored.reduce<WatchOver | undefined>((worst, one) => (worst && worst.score >= one.score ? worst : one), undefined);
}
