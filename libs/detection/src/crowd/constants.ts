/** Constants of what an endpoint does as a whole, each with its reason. Round numbers from principles, none from a search. */

// ---- Pulses

/** Length of a pulse in seconds: what is found is found after one or two of them, and a busy endpoint sends few. */
export const PULSE_SECONDS = 10;
/** A pulse leaves its shard so long after its end, by the clock of the shard's logs: logs overtake each other by that much. */
export const PULSE_GRACE_MS = 2_000;
/** Sixteen groups of sources: enough that a few loud ones can be left out, few enough to be added up for each endpoint. */
export const GROUPS = 16;
/** Requests, failures, timed requests, sum and sum of squares of their ln duration. */
export const FIELDS = 5;
export const CELLS = GROUPS * FIELDS;
/** Pulses of one service that wait in a shard; clocks that jump open many. The oldest is dropped, and counted. */
export const MAX_WAITING = 128;
/** Added to a duration before its logarithm: nobody notices 5 ms, and 1 ms against 3 is the resolution of a clock. */
export const UNNOTICED_MS = 5;

// ---- Windows, in pulses and minutes

export const PULSES_KEPT = 12;
/** Sixteen of the longest window, and a little for those that are not learnt yet. */
export const MINUTES_KEPT = 20;
/** What breaks at once, what lasts, and what is a small deviation that goes on. */
export const SPANS = [
  { seconds: 30, pulses: 3, minutes: 0 },
  { seconds: 120, pulses: 12, minutes: 0 },
  { seconds: 960, pulses: 0, minutes: 16 },
] as const;
export const SHORT = 0;
export const MIDDLE = 1;
export const LONG = 2;
/** A minute is learnt when two newer ones have begun: pulses of slow shards have come by then. */
export const LEARN_AFTER_MINUTES = 2;

// ---- What is usual

/** Peaks of the hours of one week are kept; the usual is the highest of the same hour and its neighbours on each of its days. */
export const WEEK_HOURS = 168;
/** Recent past: the hour that ended 20 minutes ago. Later than the longest window, so that trouble does not explain itself. */
export const RECENT_MINUTES = 80;
export const RECENT_LAG_MINUTES = 20;
/** Half-life of shares, means and spreads: as for rates. */
export const MEMORY_HOURS = 72;
/** Trouble that lasts so long is the new normal: half a working day is told long enough. */
export const NEW_NORMAL_MINUTES = 360;
/** Trouble that comes again within this time is the same. */
export const SAME_TROUBLE_MINUTES = 20;

// ---- Failures

/** Assumed share of failures, and the requests that it weighs as much as. */
export const FAILURES_PRIOR = { share: 0.01, requests: 50 } as const;
/** Geometric counts, the widest one-parameter choice: failures come in clusters. */
export const FAILURES_DISPERSION = 1;
/** Tail probability at the limit. Fifty endpoints are judged half a million times a day. */
export const FAILURES_TAIL = 1e-8;
/** Fewer are nobody's outage, */
export const LEAST_FAILURES = 5;
/** nor is a smaller share of the requests, */
export const LEAST_FAILED_SHARE = 0.03;
/** nor less than so many times the usual share, or the greatest that was ever usual. */
export const FAILED_RATIO = 3;
export const FAILED_RECORD_RATIO = 1.5;
/** An endpoint's own failures are known after this many minutes. */
export const FAILURES_KNOWN_MINUTES = 60;
/** Where few use an endpoint, two groups and half of those that came must fail, */
export const FEW_FAILING_GROUPS = 2;
/** in so large a share of so many requests, which are no more than usual: a retry adds to them, an outage does not. */
export const FEW_FAILED_SHARE = 0.3;
export const FEW_LEAST_FAILURES = 20;
/** No more than usual: twice the mean of the last six hours. */
export const MOSTLY = 2;
export const VOLUME_MINUTES = 360;
/** The loudest group of sources counts no more than the second, and three must fail: clients that retry in vain are no outage. */
export const FAILING_RANK = 1;
export const LEAST_FAILING_GROUPS = 3;

// ---- Duration

/** Spread of single ln durations, and requests it weighs as much as. */
export const WITHIN_PRIOR = { deviation: 0.5, requests: 20 } as const;
/** Spread of the mean between windows of 16 minutes, windows it weighs as much as, and the least that is believed. */
export const BETWEEN_PRIOR = { deviation: 0.2, windows: 8 } as const;
export const LEAST_BETWEEN = 0.05;
/** Standard errors at the limit; the longest window is judged most rarely anew. */
export const SLOWNESS_ERRORS = [6, 6, 5] as const;
/** Half as slow again is the least that anybody feels. */
export const LEAST_SLOWNESS = Math.log(1.5);
/** Of so few groups of sources that none can be left out, the least slow one decides. */
export const FEW_TIMED_GROUPS = 3;
/** Fewer timed requests, or fewer groups of sources, say nothing of everybody. */
export const LEAST_TIMED = 8;
export const LEAST_TIMED_GROUPS = 2;
/** Requests that the slow mean weighs against an hour's own. */
export const SLOWNESS_PRIOR_REQUESTS = 10;
/** The load of a day's half must have been seen. */
export const SLOWNESS_KNOWN_MINUTES = 360;

// ---- Floods

/** A whole day must be known: before, a morning is a flood, */
export const FLOOD_KNOWN_MINUTES = 1440;
/**
 * unless it is no morning either: ten times the hour before, five requests a second, and more than all of the service usually
 * has, since a new function has its opening day. An endpoint is held to this once its hour before is known (RECENT_MINUTES); a
 * service as a whole may be starting, and is not judged.
 */
export const YOUNG_FLOOD_RATIO = 10;
export const YOUNG_LEAST_FLOOD = [0, 600, 4800] as const;
/** Requests that nobody calls a flood, by span. */
export const LEAST_FLOOD = [0, 60, 100] as const;
/** Times the highest of the usual. Sixteen minutes average out what two do not. */
export const FLOOD_RATIO = [0, 2.5, 2] as const;
/** A whole service surges for good reasons (a sale, a broadcast): told from here on. */
export const SERVICE_FLOOD_RATIO = 4;
/** Requests that nobody calls a flood of a whole service, as many times those of an endpoint. */
export const SERVICE_FLOOD_SIZE = 4;
/** Standard errors of a compound Poisson count beyond the usual. */
export const FLOOD_ERRORS = 6;
/** Variance of counts over their mean where nothing is known (a page makes several requests), and the requests it weighs as much as. */
export const CLUMPING_PRIOR = { ratio: 5, requests: 200 } as const;
/**
 * What is judged: the five loudest groups of sources count no more than the sixth, since a few loud sources are kind `rate`. What is learnt as usual leaves out less, so that a busy few explain what they do next time.
 */
export const LOUD_RANK = 5;
export const USUAL_RANK = 2;
/** Many: half of the groups of sources at least. */
export const LEAST_FLOOD_GROUPS = 8;
/** Other endpoints with so many expected requests tell whether everybody surges; */
export const LEAST_PEER_REQUESTS = 10;
/** so many of them are enough. */
export const LEAST_PEERS = 2;

// ---- The minute path

/** Endpoints with so many requests a minute have a series worth the name; */
export const SERIES_REQUESTS = 1;
/** so many of one model, the busiest: 24 kB and 8 µs a minute each. One gives way to another that is twice as busy. */
export const MAX_SERIES = 64;
/** A surprise counts for the length of the longest window. */
export const SURPRISED_MINUTES = 16;
/** What is asked for then: two independent judges agree, so that each may be less sure. */
export const SURPRISED_FLOOD_RATIO = [0, 2, 1.6] as const;
export const SURPRISED_ERRORS = 4;
export const SURPRISED_TAIL = 1e-6;

// ---- A service as a whole

/** An endpoint speaks for its service with so many requests in two minutes; */
export const SPEAKING_REQUESTS = 10;
/** it is in trouble for so many pulses after it was seen to be. */
export const TROUBLE_PULSES = 6;
/** Three endpoints at least in trouble at once, and not a third as many well: the service is. */
export const SERVICE_TROUBLE_LEAST = 3;
export const SERVICE_WELL_SHARE = 1 / 3;

// ---- Bounds

/** Endpoints of one model with a record (15 kB each); beyond, the quietest of a sample goes. */
export const MAX_CROWDS = 2_000;
export const MAX_CROWD_SERVICES = 500;
