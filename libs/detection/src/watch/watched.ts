/**
 * What is remembered about an address or an account with failed sign-ins or misses: plain data, filled by contributions.
 * The same second may be told in several contributions; their sum is what counts.
 */
import { BURST_SECONDS, RING, SLOW_SECONDS } from '../constants.js';
import type { ActorContribution, AddressContribution } from '../contribution.js';
import { addDistinct, addTo, type Distinct, dropDistinct, newTally, type Tally } from '../statistics/tallies.js';

export interface Watched {
  service: string;
  type: 'actor' | 'address';
  id: string;
  past: boolean;
  /** Newest second. */
  second: number;
  firstMinute: number;
  failures: [burst: Tally, slow: Tally];
  successes: [burst: Tally, slow: Tally];
  /** New unknown paths. */
  misses: [burst: Tally, slow: Tally];
  /** Misses that could not be told apart any more. */
  beyond: [burst: Tally, slow: Tally];
  paths: Distinct;
  accounts: Distinct;
  addresses: Distinct;
  credentials: Distinct;
  /** Requests of the last minute and hour when last told. */
  requests: [burst: Tally, slow: Tally];
  /** Those that found nothing: they excuse nothing. */
  vain: [burst: Tally, slow: Tally];
  verified: boolean;
  /** The one endpoint of the failures, null where there are several. */
  endpoint: string | null;
}

export const both = (): [Tally, Tally] => [newTally(BURST_SECONDS), newTally(SLOW_SECONDS)];

export function newWatched(contribution: AddressContribution | ActorContribution): Watched {
  const { service, entity, id, historical, second, endpoint } = contribution;
  return {
    service,
    type: entity,
    id,
    past: historical,
    second,
    firstMinute: Math.floor(second / BURST_SECONDS),
    failures: both(),
    successes: both(),
    misses: both(),
    beyond: both(),
    paths: [],
    accounts: [],
    addresses: [],
    credentials: [],
    requests: both(),
    vain: both(),
    verified: true,
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
  if (second - watched.second > SLOW_SECONDS) watched.endpoint = contribution.endpoint;
  watched.second = Math.max(watched.second, second);
  const failures = absorbFailures(watched, contribution);
  if (contribution.entity === 'actor') {
    for (const address of contribution.addresses) addDistinct(watched.addresses, address, second, second - SLOW_SECONDS);
    watched.verified &&= contribution.verified;
    return { failures, misses: 0 };
  }
  for (const account of contribution.accounts) addDistinct(watched.accounts, account, second, second - SLOW_SECONDS);
  for (const account of contribution.recovered) dropDistinct(watched.accounts, account);
  gauge(watched.requests[0], second, contribution.requests);
  gauge(watched.requests[1], second, contribution.requestsHour);
  for (const tally of watched.vain) addTo(tally, second, contribution.vain ?? 0);
  return { failures, misses: absorbMisses(watched, contribution) };
}

function absorbFailures(watched: Watched, contribution: AddressContribution | ActorContribution): number {
  const { second, authFailures, signInFailures, authSuccesses, credentials, endpoint } = contribution;
  let guesses = 0;
  for (const credential of credentials) {
    if (addDistinct(watched.credentials, credential, second, second - SLOW_SECONDS) !== 'known') guesses += 1;
  }
  const failures = authFailures + guesses;
  if (failures > 0) {
    addTo(watched.failures[0], second, failures);
    addTo(watched.failures[1], second, signInFailures + guesses);
    if (endpoint !== watched.endpoint) watched.endpoint = watched.failures[0].current === failures ? endpoint : null;
  }
  for (const tally of watched.successes) if (authSuccesses > 0) addTo(tally, second, authSuccesses);
  return failures;
}

function absorbMisses(watched: Watched, { second, misses, missesBeyond }: AddressContribution): number {
  let fresh = 0;
  let crowded = missesBeyond;
  for (const path of misses) {
    const outcome = addDistinct(watched.paths, path, second, second - SLOW_SECONDS);
    if (outcome === 'new') fresh += 1;
    if (outcome === 'full') crowded += 1;
  }
  for (const tally of watched.misses) if (fresh + crowded > 0) addTo(tally, second, fresh + crowded);
  for (const tally of watched.beyond) if (crowded > 0) addTo(tally, second, crowded);
  return misses.length + missesBeyond;
}

/** Several sources behind one address tell their own counts: the greatest of the bucket is taken. */
function gauge(tally: Tally, second: number, value: number): void {
  addTo(tally, second, 0);
  tally.current = Math.max(tally.current, value);
}

/** The sign-in worked at last, or the guessing is over: what was counted is forgotten. */
export function forgiveFailures(watched: Watched): void {
  for (const tally of watched.failures) reset(tally);
  watched.accounts.length = 0;
}

export function forgiveMisses(watched: Watched): void {
  for (const tally of [...watched.misses, ...watched.beyond]) reset(tally);
  watched.paths.length = 0;
}

/** The chart keeps what was. */
function reset(tally: Tally): void {
  if (tally.current > 0) tally.closed.push([tally.bucket, tally.current]);
  if (tally.closed.length > RING) tally.closed.shift();
  tally.current = 0;
  tally.previous = 0;
}
