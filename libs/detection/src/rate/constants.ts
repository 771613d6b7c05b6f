/** Constants of `rate` and `drift` beside those of the windows (../constants.ts), each with its reason. */
import type { EndpointClass } from '../constants.js';

// ---- Who is new

/**
 * Until an actor is known to be ordinary it is judged no stricter than if nothing were known of the endpoint: a population
 * is a mixture of people and machines, and nobody can say yet which of them a newcomer is. Nearly four requests a second for ten
 * seconds, four a second for a minute, one each two to three seconds for an hour (per window of WINDOWS). Where people
 * sign in, nobody has a reason to.
 */
export const COLD_LIMITS: Record<EndpointClass, readonly [number, number, number]> = {
  'sign-in': [8, 12, 40],
  asset: [120, 300, 2000],
  mixed: [120, 300, 2000],
  other: [38, 250, 1500],
};
/**
 * The same where nobody else was seen yet, for an actor that the host vouches for, on an endpoint that is called once for each
 * thing: a client that is opened for the first time fetches all things of a page, a job page after page. In ten seconds that is
 * bound by how soon each answer comes, at best after 60 ms; in a minute by four pages of a hundred. An address alone is nobody's
 * client, and what lists or searches tells many things at once: there it makes no difference.
 */
export const FIRST_LIMITS: Record<EndpointClass, readonly [number, number, number]> = {
  ...COLD_LIMITS,
  other: [160, 400, 1500],
};
/**
 * Ordinary blocks of others that half believe that nobody bursts here. One client in fifty is a machine, and by the rule of three
 * 150 of them without a burst are what it takes to say that such are rarer.
 */
export const FIRST_BLOCKS = 150;
/** Ordinary blocks of an actor, on whatever endpoint, that make it half known (per window): minutes, then hours. */
export const ACQUAINTANCE_BLOCKS = [4, 2, 1] as const;
/** A block beyond the ordinary outweighs this many ordinary ones: one busy endpoint makes a machine. */
export const BUSY_WEIGHT = 3;
/** Ordinary is a mean peak up to half of what is nobody's burst, or twice everyone's there. */
export const ORDINARY_SHARE = 0.5;
export const ORDINARY_MULTIPLE = 2;

// ---- What one block may teach

/**
 * A block teaches its pair at most six times what was expected of it, and strangers six times what everyone does: one loud
 * hour must not lift a limit for days, and a machine among people is no measure for the people.
 */
export const LEARNT_MOST = 6;

/**
 * A flagged block of somebody known as ordinary is learnt at a tenth, of somebody unknown at three quarters: what recurs for
 * long is adopted, and soon where it is all that was ever seen of its actor (a batch each night).
 */
export const FLAGGED_WEIGHT = { known: 0.1, unknown: 0.75 } as const;
/** What is adopted comes again a little stronger: a flagged block teaches twice its peak, */
export const FLAGGED_MARGIN = 2;
/** and at most this many times the limit of a newcomer, or the own mean. */
export const FLAGGED_MOST = 2;
/** What a shorter window was accused of is not counted in a longer one; it is taken to have gone on for six of the shorter. */
export const FLAGGED_SPAN = 6;

// ---- The slow reference

/** Fewer requests an hour than this, two a minute, are nobody's drift. Pictures and unknown paths come along with pages. */
export const DRIFT_FLOORS: Record<EndpointClass, number> = { 'sign-in': 30, asset: 2000, mixed: 2000, other: 120 };
/** Growth below this factor is an ordinary good day, however regular the actor was. */
export const DRIFT_FACTOR = 2;
/** Distance of the reference's limit from the mean of the logarithms: one hour in a hundred thousand, were they normal. */
export const DRIFT_DEVIATIONS = 4.3;
/** Hours that the population counts for: few, so that a regular client has a narrow band after a day. */
export const DRIFT_PRIOR_HOURS = 0.25;
/** Active hours until the reference is grown up; until then it may follow a newcomer whom nobody knows to be ordinary, */
export const DRIFT_YOUNG_HOURS = 24;
/** by at most so much an hour (logarithm: half as much again), and to no more than what any newcomer may do. */
export const DRIFT_YOUNG_RISE = 0.4;
/** Growing or not, the limit of a grown-up reference rises at most 3 % a day. */
export const DRIFT_RISE_A_DAY = 0.03;
/** The limit comes down to what was learnt by a sixth an hour: of the licence that it opened with a hundredth is left when the pair is grown up. */
export const DRIFT_FALL = 1 / 6;
/** A window of an hour is over, for drift, while the last minute's pace would fill at least half of it. */
export const DRIFT_PACE = 0.5;

// ---- Copies for people's verdicts

/** What was learnt before an alert opened is kept for a fortnight: by then it was judged, or nobody will. */
export const COPY_SECONDS = 14 * 86_400;
/** Pairs with such a copy; the oldest goes. */
export const MAX_COPIES = 10_000;
/** Blocks that an expected change counts for: twice the prior, so that it is the norm at once. */
export const EXPECTED_BLOCKS = 16;

// ---- The season of a population

/** The hour of the week lifts or lowers what everyone does by at most four times: a prior that is bent further is no prior. */
export const SEASON_MOST = 4;
/** Half-life of what the hours of the week taught: two of their periods, so that one week does not decide alone. */
export const SEASON_SECONDS = 14 * 86_400;
/** Half-life of the errors by which a season is believed: as long as the memory of the means that it bends. */
export const SEASON_TRIAL_SECONDS = 3 * 86_400;
/** A season must err a tenth less than what is simpler: of two that explain the same the simpler holds for what was not seen. */
export const SEASON_LEAD = 0.9;
/** Endpoints of one model whose season is learnt (4 kB each); the others have none. */
export const MAX_SEASONS = 10_000;
