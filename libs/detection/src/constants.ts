/**
 * Every constant of the model with the reason for it; nowhere else is there a number that decides. They are principles
 * put into numbers, not the result of a search over data.
 */
import type { AlertKind, Severity } from '@plimsoll/contracts';

// ---- Decisions

/**
 * Who offends again within ten times what it got last, and an hour at least, is at it again: the next step. The longer somebody
 * had to be refused, the longer that is remembered; who stays away so long begins anew.
 */
export const REPEAT_TIMES = 10;
export const REPEAT_LEAST_MS = 3_600_000;
/**
 * Going on while throttled: for the whole of the step, half of the requests were refused, so that twice as much is asked for as
 * the throttle gives. A client that keeps to Retry-After never gets there.
 */
export const DEFIANT_SHARE = 0.5;
/** and so many requests have been seen since: two or three are no pace. */
export const DEFIANT_LEAST = 8;
/** Sources that may be blocked within a minute however small the service: else a service of twenty clients could block nobody. */
export const LEAST_ROOM = 5;

/** Requests a minute left to an address that is held everywhere: what a person behind it needs to go on. */
export const THROTTLE_LEAST = 30;

// ---- Time and windows of the rate model

/**
 * A window's peak within a block is one observation: the greatest sliding count. Peaks, not plain counts, because a person
 * is idle most of the time and the question is how far an actor goes when it is active. Bursts of seconds, a pace that
 * lasts a minute, and one sustained over an hour. A block is the shortest time that makes sense to take a peak of, so
 * that a population is known within minutes of the first start.
 */
export const WINDOWS = [
  { seconds: 10, blockSeconds: 60 },
  { seconds: 60, blockSeconds: 600 },
  { seconds: 3600, blockSeconds: 3600 },
] as const;

/** Half-life of what was learnt: a week's habits are still half there after three days; a move is followed in days. */
export const MEMORY_SECONDS = 3 * 86_400;
/** A jump back of a live clock by more than this is a corrected clock and restarts the windows; less is a late log. */
export const CLOCK_SLACK_SECONDS = 3600;

// ---- Prior and posterior

/** Nothing is known about actor or endpoint: mean peak of a block (per window of WINDOWS). Cold limits follow: about 38, 200 and 2,100. */
export type EndpointClass = 'sign-in' | 'asset' | 'mixed' | 'other';
export const DEFAULT_MEANS: Record<EndpointClass, readonly [number, number, number]> = {
  /** A person signs in once, and mistypes a few times at most: 8 tries in ten seconds are no person's. */
  'sign-in': [0.25, 0.5, 3],
  /** A page brings dozens of images, styles and scripts at once. */
  asset: [8, 20, 150],
  /** The overflow endpoint: many paths counted as one. */
  mixed: [8, 20, 300],
  /** 38 in ten seconds is where the field draws its line for unknown clients (a crawl of 40 distinct pages); machines that
   * make two or three calls a second for a while are too common to be accused unheard. */
  other: [2.3, 14, 150],
};
/** Squared coefficient of variation of the intensity where nothing is known: 1 is the widest one-parameter choice (geometric counts). */
export const DEFAULT_DISPERSION = 1;
/** Nobody is as regular as a Poisson process with a known mean: at least 45 % spread of the intensity. */
export const LEAST_DISPERSION = 0.2;
/** Blocks of the population that weigh as much as the default. */
export const POPULATION_PRIOR_BLOCKS = 20;
/** Own blocks that weigh as much as the population: after eight active minutes an actor is judged half by itself. */
export const OWN_PRIOR_BLOCKS = 8;
/** Quiet blocks prove little about a tail: against a narrower spread than assumed the prior counts four times as much. */
export const NARROWING_FACTOR = 4;
/** What a shorter window teaches about a longer one that has not closed yet: an active client is active a third of the time. */
export const ACTIVE_SHARE = 1 / 3;

/** What most actors do is nobody's deviation: flagged blocks teach the population while they outweigh the ordinary ones, */
export const MAJORITY_LEAST = 5;
/** over so many blocks' time (half-life). One actor weighs at most 1.65 (sum of 1/n²) here, however long it goes on. */
export const MAJORITY_BLOCKS = 60;

// ---- Limits and scores

/** Tail probability at the limit: one block in a million, were the model exact. */
export const TAIL = 1e-6;
/** The `sensitivity` at which the limit is the plain quantile; others stretch its distance from the expectation. */
export const PLAIN_SENSITIVITY = 1.5;
/** Counts up to these are nobody's burst, whatever was learnt (per window of WINDOWS). */
export const FLOORS: Record<EndpointClass, readonly [number, number, number]> = {
  'sign-in': [6, 10, 30],
  asset: [40, 80, 2000],
  mixed: [20, 40, 240],
  other: [12, 25, 240],
};

// ---- Everybody surges

/** Others at their usual level that are assumed beside those seen: one or two peers prove no surge. */
export const LEVEL_PRIOR_ACTORS = 6;
/** An actor's surge counts at most this much towards the level: the level is everybody's, not the loudest one's. */
export const LEVEL_MOST = 32;
/**
 * A log is judged by the level of so many seconds before: of a pulse that is over, with the patience of two seconds for logs
 * that overtake each other, two more for a shard that only the clock moves, and time to tell. Earlier it would depend on who
 * heard of what.
 */
export const LEVEL_LAG_SECONDS = 10;
/** A shard believes its own actors at once when they are twice above the usual together: some of them busy by chance are not. */
export const RUSH_LEAST = 2;
/** A surge that is over keeps excusing with a half-life of two windows: the window must be able to drain. */
export const LEVEL_HALF_LIFE_WINDOWS = 2;

// ---- Stage two: more in watch/constants.ts

/** Exact distinct counts up to this many; more are counted without being told apart. */
export const DISTINCT_CAP = 64;

// ---- Findings

/** A finding is repeated at most each 5 s of event time, or when its severity rises. */
export const UPDATE_MS = 5_000;
/**
 * The subject is calm when nothing was over the limit for ten minutes, or for a sixth of a longer window: what comes back each
 * five minutes is one behaviour. Its release waits for nothing: a decision expires by itself.
 */
export const CALM_MS = 600_000;
export const CALM_WINDOW_SHARE = 1 / 6;
/** Open findings that are kept; further ones are not opened and counted in `suppressed`. */
export const MAX_OPEN = 10_000;
/** Parties of a campaign that are listed. */
export const MAX_PARTIES = 1_000;
/** Logs kept as evidence in a contribution. */
export const MAX_SAMPLES = 5;

/**
 * Severity by excess = observed / limit. A rate above the limit may still be an eager client, so it starts low; failed
 * sign-ins and probing are hostile by nature and start higher; stuffing has accounts to lose from the first.
 */
export const SEVERITY: Partial<Record<AlertKind, readonly (readonly [excess: number, severity: Severity])[]>> = {
  rate: [
    [20, 'critical'],
    [5, 'high'],
    [2, 'medium'],
  ],
  'auth-failures': [
    [20, 'critical'],
    [3, 'high'],
    [0, 'medium'],
  ],
  'credential-stuffing': [
    [5, 'critical'],
    [0, 'high'],
  ],
  // Objects may be lost with the first one; a walk over what everybody may read is only a bother until it is large.
  enumeration: [
    [20, 'critical'],
    [3, 'high'],
    [0, 'medium'],
  ],
  scraping: [
    [10, 'high'],
    [3, 'medium'],
  ],
  exfiltration: [
    [20, 'critical'],
    [3, 'high'],
    [0, 'medium'],
  ],
  // Somebody else is in: there is no harmless degree of it.
  'token-theft': [[0, 'high']],
  'account-takeover': [
    [2, 'critical'],
    [0, 'high'],
  ],
  sequence: [
    [10, 'high'],
    [2, 'medium'],
  ],
  probing: [
    [50, 'critical'],
    [5, 'high'],
    [0, 'medium'],
  ],
  // From its usual a flood may still be success; it is an attack where it is many times the limit.
  flood: [
    [20, 'critical'],
    [5, 'high'],
    [2, 'medium'],
    [0, 'low'],
  ],
  // Everybody is served badly: never a small matter; nearly everything failing is 25 times the least limit.
  'endpoint-health': [
    [25, 'critical'],
    [5, 'high'],
    [0, 'medium'],
  ],
};

// ---- Bounds

/** Actor and endpoint pairs of one model (128 bytes each, and their names). */
export const MAX_ENTITIES = 500_000;
/** Share of the pairs kept for newcomers: what invented actors can churn. The rest belongs to those seen in two blocks. */
export const NEWCOMER_SHARE = 0.2;
/** Candidates looked at when a known one must go; the least valuable is evicted. */
export const EVICTION_SAMPLE = 16;
/** Value of an entity halves with each day of absence. */
export const VALUE_HALF_LIFE_SECONDS = 86_400;
/** Addresses and accounts under watch, as a share of MAX_ENTITIES. */
export const WATCH_SHARE = 0.1;
/** Endpoints of one model; more share one record. */
export const MAX_ENDPOINTS = 50_000;
/** Blocks remembered for the chart, per window. */
export const RING = 12;

// ---- Verdicts and budget

/** "False positive" widens the distance to the limit by half; three of them triple it, */
export const TOLERANCE_STEP = 1.5;
/** and nothing is tolerated without end. */
export const TOLERANCE_MOST = 8;
/** What was called harmless is tolerated with a quarter more: the same behaviour is never quite the same twice. */
export const TOLERANCE_MARGIN = 1.25;
/** "Expected change" is meant, not noise, so that far more is tolerated where nothing is learnt: still no blank cheque. */
export const EXPECTED_MOST = 100;
/** Subjects and kinds with a tolerance of their own; the oldest goes. */
export const MAX_TOLERANCES = 20_000;
/** However many alerts open, limits stretch at most so far: noise must not be a way to hide an attack. */
export const BUDGET_STRETCH_MOST = 3;
