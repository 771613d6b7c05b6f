/**
 * What is remembered about an address or an account with failed sign-ins or misses: plain data, filled by contributions.
 * The same second may be told in several contributions; their sum is what counts.
 *
 * Partners are the accounts of an address, or the addresses of an account. Each has its failures in a row: a success of the
 * same pair takes them back out of all counts, since a mistype that was put right is no guess. Where a pair is at home
 * (it succeeded before), the first few in a row are not counted at all.
 */
import type { ActorContribution, AddressContribution } from '../contribution.js';
import { addDistinct, addTo, countOf, type Distinct, gaugeTo, newTally, type Tally, takeFrom } from '../statistics/tallies.js';
import {
  ATTEMPT_GAP_SECONDS,
  BURST,
  DAY,
  HOME_AFTER_SECONDS,
  HOME_EXCUSE,
  HOUR,
  MINUTE,
  PACE,
  PARTNERS_CAP,
} from './constants.js';

/** Of the stored form. */
const WATCHED_VERSION = 3;

export interface Partner {
  name: string;
  /** When it was last heard of, and when it last failed. */
  seen: number;
  failed: number;
  /** Failures in a row, those of them that were counted, and the attempts among these. */
  row: number;
  counted: number;
  attempts: number;
  /** First success, 0 where there was none. */
  since: number;
}

export interface Watched {
  version: typeof WATCHED_VERSION;
  service: string;
  type: 'actor' | 'address';
  id: string;
  past: boolean;
  /** Newest second. */
  second: number;
  firstMinute: number;
  /** All failures; those at sign-ins, in a short and in a long window; attempts, with a pause between them. */
  burst: Tally;
  pace: Tally;
  failures: Tally;
  attempts: Tally;
  /** Of the last counted failure. */
  lastFailure: number;
  successes: [hour: Tally, day: Tally];
  partners: Partner[];
  credentials: Distinct;
  paths: Distinct;
  /** Misses that could not be told apart any more. */
  beyond: [minute: Tally, hour: Tally];
  /** What found nothing; and what found something: the greatest sliding count told in the present minute and in each hour. */
  vain: [minute: Tally, hour: Tally];
  found: [minute: Tally, hour: Tally, day: Tally];
  /** The host vouched for the account in all failures since it last paused for an hour; in the last ones. */
  verified: boolean;
  vouched: boolean;
  /** The one endpoint of the failures, null where there are several. */
  endpoint: string | null;
}

const tally = ({ step, steps }: { step: number; steps: number }) => newTally(step, steps);

export function newWatched({
  service,
  entity,
  id,
  historical,
  second,
  endpoint,
}: AddressContribution | ActorContribution): Watched {
  return {
    version: WATCHED_VERSION,
    service,
    type: entity,
    id,
    past: historical,
    second,
    firstMinute: Math.floor(second / 60),
    burst: tally(BURST),
    pace: tally(PACE),
    failures: tally(HOUR),
    attempts: tally(DAY),
    lastFailure: 0,
    successes: [tally(HOUR), tally(DAY)],
    partners: [],
    credentials: [],
    paths: [],
    beyond: [tally(MINUTE), tally(HOUR)],
    // A step longer than the window: the requests that they are taken from may reach back a little further.
    vain: [newTally(MINUTE.step, MINUTE.steps + 1), newTally(HOUR.step, HOUR.steps + 1)],
    found: [newTally(MINUTE.seconds, 1), newTally(HOUR.seconds, 1), tally(DAY)],
    verified: true,
    vouched: true,
    endpoint,
  };
}

export interface Absorbed {
  failures: number;
  misses: number;
}

/** Takes a contribution in; says how many failures and misses were new. */
export function absorbInto(watched: Watched, contribution: AddressContribution | ActorContribution): Absorbed {
  const { second } = contribution;
  if (second - watched.lastFailure > HOUR.seconds) {
    watched.endpoint = contribution.endpoint;
    watched.verified = true;
  }
  watched.second = Math.max(watched.second, second);
  const names = contribution.entity === 'address' ? contribution.accounts : contribution.addresses;
  const recovered = contribution.recovered ?? [];
  // Jobs of workers before an upgrade do not say how often.
  const silent = contribution.tries === undefined && (contribution.entity === 'address' || contribution.recovered === undefined);
  const triesAt = (at: number) => (silent ? 1 : (contribution.tries?.[at] ?? 0));
  const excused = names.reduce((sum, name, at) => sum + noteFailures(watched, name, triesAt(at), second), 0);
  const failures = absorbFailures(watched, contribution, excused);
  for (const name of recovered) forgive(watched, partnerOf(watched, name, second), second);
  for (const successes of watched.successes) addTo(successes, second, contribution.authSuccesses);
  if (failures > 0) watched.vouched = contribution.entity === 'actor' ? contribution.verified : (contribution.vouched ?? false);
  if (failures > 0 && contribution.entity === 'actor') watched.verified &&= contribution.verified;
  if (contribution.entity === 'actor') return { failures, misses: 0 };
  gauge(watched, contribution);
  return { failures, misses: absorbMisses(watched, contribution) };
}

/** At home: it succeeded well before. */
export const isHome = ({ since }: Partner, second: number) => since > 0 && second - since >= HOME_AFTER_SECONDS;

function partnerOf({ partners }: Watched, name: string, second: number): Partner {
  let partner = partners.find((one) => one.name === name);
  if (!partner) {
    partner = { name, seen: second, failed: 0, row: 0, counted: 0, attempts: 0, since: 0 };
    if (partners.length >= PARTNERS_CAP) {
      const eldest = partners.reduce((least, one, at) => (one.seen < (partners[least]?.seen ?? 0) ? at : least), 0);
      partners.splice(eldest, 1);
    }
    partners.push(partner);
  }
  partner.seen = Math.max(partner.seen, second);
  return partner;
}

/** Counts failures of a pair; returns how many of them are excused because it is at home. */
function noteFailures(watched: Watched, name: string, tries: number, second: number): number {
  if (tries <= 0) return 0;
  const partner = partnerOf(watched, name, second);
  if (second - partner.failed > HOUR.seconds) {
    partner.row = 0;
    partner.counted = 0;
  }
  partner.row += tries;
  const excused = isHome(partner, second) ? Math.min(tries, Math.max(0, HOME_EXCUSE - (partner.row - tries))) : 0;
  const counted = tries - excused;
  partner.counted += counted;
  if (counted > 0 && second - partner.failed >= ATTEMPT_GAP_SECONDS) {
    partner.attempts += 1;
    addTo(watched.attempts, second, 1);
  }
  partner.failed = Math.max(partner.failed, second);
  return excused;
}

function absorbFailures(
  watched: Watched,
  { second, authFailures, signInFailures, credentials, endpoint, ...rest }: AddressContribution | ActorContribution,
  excused: number,
): number {
  let guesses = 0;
  for (const credential of credentials) {
    if (addDistinct(watched.credentials, credential, second, second - HOUR.seconds) !== 'known') guesses += 1;
  }
  const failures = Math.max(0, authFailures - excused) + guesses;
  if (failures === 0) return 0;
  const before = countOf(watched.burst, second);
  addTo(watched.burst, second, failures);
  const atSignIns = Math.max(0, signInFailures - excused) + guesses;
  addTo(watched.failures, second, atSignIns);
  addTo(watched.pace, second, atSignIns);
  // Where no account is named, the address itself makes the attempts.
  const named = rest.entity === 'actor' || rest.accounts.length > 0;
  if (!named && signInFailures > 0 && second - watched.lastFailure >= ATTEMPT_GAP_SECONDS) addTo(watched.attempts, second, 1);
  watched.lastFailure = Math.max(watched.lastFailure, second);
  if (endpoint !== watched.endpoint) watched.endpoint = before === 0 ? endpoint : null;
  return failures;
}

/** It worked at last: what this pair failed before is no guess. */
function forgive(watched: Watched, partner: Partner, second: number): void {
  if (partner.since === 0) partner.since = second;
  if (second - partner.failed <= HOUR.seconds)
    for (const counts of [watched.burst, watched.pace, watched.failures]) takeFrom(counts, partner.counted);
  takeFrom(watched.attempts, partner.attempts);
  partner.row = 0;
  partner.counted = 0;
  partner.attempts = 0;
  partner.failed = 0;
}

function gauge(watched: Watched, { second, requests, requestsHour, vain = 0 }: AddressContribution): void {
  for (const counts of watched.vain) addTo(counts, second, vain);
  const [minute, hour, day] = watched.found;
  gaugeTo(minute, second, requests - countOf(watched.vain[0], second));
  const found = requestsHour - countOf(watched.vain[1], second);
  gaugeTo(hour, second, found);
  gaugeTo(day, second, found);
}

function absorbMisses(watched: Watched, { second, misses, missesBeyond }: AddressContribution): number {
  let crowded = missesBeyond;
  for (const path of misses) {
    if (addDistinct(watched.paths, path, second, second - HOUR.seconds) === 'full') crowded += 1;
  }
  for (const counts of watched.beyond) addTo(counts, second, crowded);
  return misses.length + missesBeyond;
}

/** A stored one; undefined where its form is read no more. Version 2 had no pace, and all that took days to learn. */
export function readWatched(state: object): Watched | undefined {
  const version = 'version' in state ? state.version : undefined;
  if (version === 2) return { ...(state as Watched), version: WATCHED_VERSION, pace: newTally(PACE.step, PACE.steps) };
  return version === WATCHED_VERSION ? (state as Watched) : undefined;
}

/** The guessing is over: what was counted is forgotten; who is at home stays so. */
export function forgiveFailures(watched: Watched): void {
  for (const counts of [watched.burst, watched.pace, watched.failures, watched.attempts]) counts.counts.length = 0;
  watched.partners = watched.partners.filter(({ since }) => since > 0);
  for (const partner of watched.partners) {
    partner.row = 0;
    partner.counted = 0;
    partner.attempts = 0;
    partner.failed = 0;
  }
}

export function forgiveMisses(watched: Watched): void {
  for (const counts of watched.beyond) counts.counts.length = 0;
  watched.paths.length = 0;
}
