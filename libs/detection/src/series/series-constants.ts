/**
 * Every constant of the series detector with its reason. Times are in points, not in seconds: a detector of minutes and
 * one of hours learn from the same number of observations. Those marked (NAB) have no reason but experience with that
 * benchmark: round numbers on a plateau, none taken from a search; docs/detection.md shows what halving and doubling does.
 */
export const SERIES = {
  // ---- What is expected
  /** Half hours: short enough for a morning's rise, long enough that minute series fill a slot with 30 points. */
  slotsPerDay: 48,
  /** A slot follows its last three or so days or weeks: habits change, and series rarely live long. */
  slotGain: 0.3,
  /** Gain of the fast level: the last three points or so, where the next point is judged against the present. */
  fastGain: 0.3,
  /** Gain of the slow level: 200 points, the usual where no season is known. */
  slowGain: 0.005,
  /** Memory of an expectation's errors: a day of minutes, so that nights and days have both been judged. */
  errorPoints: 1440,
  /** Points after which a season may be trusted: before, it has repeated nothing. */
  proofPoints: 144,

  // ---- What is measured (NAB)
  /** The usual's error is averaged over a dozen points: a lasting small deviation counts like a short great one. */
  driftPoints: 12,
  /** Level: 48 points, four hours of five minutes. */
  levelPoints: 48,
  /** Spread: three times the level's span, since a variance needs more points than a mean. */
  spreadPoints: 144,
  /** A spread far below the typical one is "none": a share of it is added before the logarithm. */
  spreadFloor: 0.02,
  /** Points over which the typical spread is known. */
  typicalPoints: 5000,

  // ---- How rare it is
  /** Beyond which share of its history a statistic is in its tail: rare enough to be a tail, common enough to be measured. */
  tailShare: 0.05,
  /** Memory of a tail: two weeks of minutes. */
  tailPoints: 20_160,
  /** Exceedances that the default tail weighs. It is heavy (its mean excess is the mean distance to the mark). */
  tailPrior: 5,
  /** Steps of the mark, in mean distances over the points seen: three let it arrive within the first tenths of a history. */
  markStep: 3,
  /** No surprise before so many points. */
  warmUpPoints: 20,
  /** n points cannot prove that something is rarer than 1 in n². */
  evidencePower: 2,

  // ---- When it is said (line, pauseShare: NAB)
  /** Mean surprise in nats at which a score is one half: all six at once as rare as 1 in 150, or two of them 1 in 3 million. */
  line: 5,
  /** After an onset the same trouble is not announced anew for this share of the history seen: alerts get rarer with age. */
  pauseShare: 0.03,
  /** But for half an hour of minutes at least, and five hours at most. */
  leastPausePoints: 30,
  mostPausePoints: 300,
  /** Twice the surprise of the onset is another trouble, and is announced at once. */
  again: 2,
} as const;

export type SeriesConstants = { readonly [Name in keyof typeof SERIES]: number };

/** Score of a point over the line that is no onset: just below one half. */
export const HELD_SCORE = 0.49;
/** Differences below this share of the values are rounding. */
export const RESOLUTION = 1e-9;
/** Greater values are taken as this, so that squares stay finite. */
export const MOST_VALUE = 1e100;
