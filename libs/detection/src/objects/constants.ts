/** Constants of the kinds `enumeration`, `scraping` and `exfiltration`, each with its reason. */

const HOUR = 3600;
const DAY = 86_400;

// ---- What everyone does

/** Over so long what most do is counted (half-life): a day holds every hour's habits. */
export const MAJORITY_SECONDS = DAY;
/** Measures of one endpoint that are told apart; this folder has 24 and 5. */
export const MAX_MEASURES = 64;
/** Whoever comes daily has come: before an endpoint was seen for a day, nothing about volume is known to be unusual there. */
export const SETTLED_SECONDS = DAY;
/** Closed blocks of others that make a norm: one or two clients are none. */
export const LEAST_WITNESSES = 8;
/**
 * Until then a walk is held to this many times the floor of who is new: forty objects that were refused are a search whatever the
 * service, and a machine's first job has hundreds of objects, not a thousand.
 */
export const UNWITNESSED = 4;
/** Who has been here half a day is known; before, everything is opened for the first time, and more of it is allowed. */
export const ACQUAINTED_SECONDS = DAY / 2;

// ---- Walks over objects (enumeration, scraping)

export interface Measure {
  /** In contributions and stored states: never renamed. */
  name: string;
  kind: 'enumeration' | 'scraping';
  what: 'objects' | 'refused' | 'run';
  windowSeconds: number;
  /** Its peaks are closed by the hour or by the day. */
  block: 'hour' | 'day';
  /** Mean peak of a block where nothing is known: what a person reads. */
  mean: number;
  /** Counts up to these are nobody's walk, of who is known and of who is new here. */
  floor: readonly [known: number, newcomer: number];
}

/**
 * Pages hold 10 to 100 things, and a client may fetch each of a page by itself: floors of who is new lie above the largest
 * page (100), of who is known above the usual one (25). Refusals are rarer: eight dead links or eight objects of others in
 * ten minutes are an accident, more are a search. Nobody opens twenty neighbouring ids one after the other by hand; a new
 * client may read a page of fifty in order.
 */
export const MEASURES: readonly Measure[] = [
  { name: 'refused-10m', kind: 'enumeration', what: 'refused', windowSeconds: 600, block: 'hour', mean: 0.2, floor: [8, 10] },
  { name: 'refused-1h', kind: 'enumeration', what: 'refused', windowSeconds: HOUR, block: 'hour', mean: 0.4, floor: [12, 16] },
  { name: 'run', kind: 'enumeration', what: 'run', windowSeconds: HOUR, block: 'hour', mean: 0.5, floor: [20, 50] },
  { name: 'objects-10m', kind: 'enumeration', what: 'objects', windowSeconds: 600, block: 'hour', mean: 3, floor: [25, 110] },
  { name: 'objects-1h', kind: 'enumeration', what: 'objects', windowSeconds: HOUR, block: 'hour', mean: 6, floor: [50, 200] },
  { name: 'objects-1d', kind: 'scraping', what: 'objects', windowSeconds: DAY, block: 'day', mean: 12, floor: [100, 200] },
];
/**
 * A floor stands for pages and accidents that were not seen yet. A page has loaded in ten seconds, and who looks at what it
 * opens takes two seconds for each: who goes on from neighbour to neighbour for longer, and faster, does neither; nor does
 * who goes on though it is refused. With each ordinary block of others that shows nothing of the sort, the floors of runs and
 * refusals fade for such a one: half are gone after fifty blocks, a few days of a small service, and what was learnt decides.
 * What is left to everybody: three things that are gone, and as many neighbours as a page loads seconds.
 */
export const PAGE_SECONDS = 10;
export const READ_SECONDS = 2;
export const FLOOR_BLOCKS = 50;
export const FADED_FLOORS = { refused: 3, run: 10 } as const;
/** Objects found that excuse one refusal: a reader of old links finds most of what it asks for, a searcher does not. */
export const EXCUSE_REFUSED = 0.25;
/** New objects that each return to a known one excuses: who works with objects comes back to them, who walks does not. */
export const EXCUSE_RETURNS = 2;
/** Steps up to this between two ids continue a run: deleted ones leave gaps, parallel calls overtake each other. */
export const RUN_STEP = 5;
/** A pause longer than this ends a run. */
export const RUN_PAUSE_SECONDS = 600;
/** The same again, with half as much more, is no news: one alert for one behaviour. */
export const AGAIN = 1.5;
/** What an ordinary block beyond thrice the expectation teaches is cut to that: habits grow step by step, and a few busy
 * sources do not widen what is normal for everyone. */
export const LEARN_MOST = 3;

// ---- State

/** Walks of one model: 288 bytes each. */
export const MAX_WALKS = 200_000;
/** Candidates when one must go; the least valuable is forgotten. Few, since each is a look far off in memory. */
export const EVICTION_SAMPLE = 5;
/** Walks of one source: an API has some dozens of endpoints with parameters; further ones are not followed. */
export const MAX_WALKS_PER_SOURCE = 64;
/** Bits for the objects of a walk, and of one that has filled half of them (22,000 objects until it is begun anew). */
export const FOOTPRINT_WORDS = 16;
export const WIDE_WORDS = 512;
/** Walks with the wide form: 2 kB each. */
export const MAX_WIDE = 4_000;

// ---- Hauls of bytes (exfiltration)

/** Answers before their size is known: two or three hours of somebody, or as many people. What is still uncertain about the mean then
 * widens the spread. */
export const LEAST_ANSWERS = 3;
/** Standard deviation of the logarithm of sizes where nothing is known (a factor of 2.7), as strong as so many answers. */
export const SIZE_SPREAD = 1;
export const SIZE_PRIOR_ANSWERS = 20;
/** Nobody's answers are all of one size: a report of a busy month is half as long again. */
export const LEAST_SIZE_SPREAD = 0.5;
/** An answer is large beyond three standard deviations (one in 700), and beyond four times the usual. */
export const LARGE_SPREADS = 3;
export const LARGE_LEAST = 4;
/** One in a million, by the normal distribution of the logarithm. */
export const EXTREME_SPREADS = 4.75;
/** One or two large answers are a large account or a long report; from the third on they are a haul. */
export const HAUL_ANSWERS = 3;
/** At least each tenth answer is large: who makes thousands of requests meets some large ones by chance. */
export const HAUL_SHARE = 0.1;
/** Less is no loss that anybody needs to be told of: some thousand records. */
export const LEAST_HAUL_BYTES = 1_000_000;
/** Closed hours or days of others that weigh as much as what follows from the sizes; of its own. */
export const HAUL_PRIOR_BLOCKS = 20;
export const HAUL_OWN_BLOCKS = 4;
/** Sources and endpoints with large answers, of one model: about 500 bytes each. The one with the least history goes. */
export const MAX_HAULS = 20_000;
/** An hour and a day: a theft is over in minutes, or made of small portions. */
export const HAUL_WINDOWS = [
  { seconds: HOUR, measure: 'haul-1h' },
  { seconds: DAY, measure: 'haul-1d' },
] as const;
