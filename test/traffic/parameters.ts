/**
 * Everything about the simulated service that is a matter of degree. The numbers are guesses at how APIs are used and
 * attacked, taken from daily life and from the defaults of attack tools; none is taken from the model.
 */
import type { ServiceName } from './services.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** office: people at work; consumer: evenings and weekends; global: customers in every time zone. */
export type Rhythm = 'office' | 'consumer' | 'global';

export interface TrafficParameters {
  seed: number;
  /** People with an account, 10 to 100,000. */
  users: number;
  days: number;
  /** Days of ordinary life before the first attack. */
  calmDays: number;
  rhythm: Rhythm;
  /** Which API it is. */
  service: ServiceName;
  /** full: what an SDK sends. bare: no route, credential, user agent, sizes, durations or outcome of sign-ins. */
  wire: 'full' | 'bare';
  attacks: boolean;
  /** The forms that attacks are played in. */
  forms: readonly Form[];
  disturbances: boolean;
}

export type Form = 'easy' | 'medium' | 'stealthy';
export const FORMS: readonly Form[] = ['easy', 'medium', 'stealthy'];

export const DEFAULTS: Omit<TrafficParameters, 'seed'> = {
  users: 500,
  days: 4,
  calmDays: 2,
  rhythm: 'office',
  service: 'shop',
  wire: 'full',
  attacks: true,
  forms: FORMS,
  disturbances: true,
};

/** Each is [median, sigma] of a lognormal: people differ by far more than a normal distribution would say. */
export const HABITS = {
  sessionsPerDay: [1.6, 0.7],
  pagesPerSession: [9, 0.6],
  /** Again for each session of the same person. */
  sessionSpread: 0.6,
  thinkSeconds: [14, 0.5],
  thinkSpread: 1,
  /** How far a person's taste in pages is from everybody's. */
  taste: 1,
} as const;

export const SHARES = {
  inOffice: 0.35,
  /** Phones as the main device: another address each session, on the road another each few minutes. */
  mobile: 0.3,
  onTheRoad: 0.15,
  secondDevice: 0.4,
  /** Clients that load everything new when they open. */
  syncing: 0.06,
  oneTimeCode: 0.25,
  signsInEachSession: 0.5,
  mistypes: 0.08,
  forgotten: 0.01,
  /** Day of a person with three times the usual work: month's end, a migration, an audit. */
  heavyDay: 0.006,
  /** People who appear for the first time after the first day. */
  newcomers: 0.15,
  /** Anonymous visits for each session of a person. */
  visitors: 0.6,
} as const;

export const ERRORS = { notFound: 0.008, forbidden: 0.002, invalid: 0.02, server: 0.001 } as const;

export const MACHINES = {
  /** For each person with an account; at least `least`. */
  share: 0.02,
  least: 4,
  most: 400,
  periodsMinutes: [1, 5, 5, 15, 15, 60],
  burst: [15, 0.9],
  nightlyShare: 0.2,
  nightlyCalls: [900, 0.6],
  pollerShare: 0.2,
  /** First seen when the service is already known. */
  newShare: 0.15,
  crawlers: 3,
  deadLinks: 0.03,
} as const;

export const DISTURBANCES = {
  outage: { minutes: [4, 12], errorShare: 0.9, retries: 4 },
  sale: { minutes: [25, 60], factor: 4 },
  deploy: { staleMinutes: 15 },
  /** Tries of the app's new version at a call that always fails, a second apart and then slower. */
  release: { minutes: [20, 45], tries: [4, 9] },
  /** A partner brings its rows, many in one request, for a day and night. */
  import: { rows: 1_000_000, rowsPerRequest: [20, 200], atOnce: 3 },
  /** Share of the people whose password has run out this morning. */
  expiry: { share: 0.3, hours: 10 },
  /** Retry loops a day: one, and one for each so many people. */
  usersPerRetryLoop: 400,
} as const;

/** Share of the easy form's volume. */
export const VOLUME: Record<Form, number> = { easy: 1, medium: 0.3, stealthy: 0.1 };

/** Volumes of the easy forms. Rates are requests a second; multiples are of the subject's own or the endpoint's usual. */
export const ATTACKS = {
  burst: { perSecond: 20, seconds: 120 },
  sustained: { perSecond: 2, seconds: 3600 },
  /** The bar of its own: thirty times the busiest minute that the actor ever had. */
  thirtyfold: { multiple: 30, seconds: 120 },
  drift: { multiple: 40, hours: 10, startPerHour: 60 },
  guessing: { tries: 300, seconds: 300 },
  slowGuessing: { tries: 120, seconds: 7200 },
  codes: { tries: 200, seconds: 600 },
  distributedGuessing: { tries: 300, addresses: 30, seconds: 1800 },
  stuffing: { accounts: 300, seconds: 600, success: 0.01 },
  campaign: { tries: 600, triesPerAddress: 5, seconds: 1800, success: 0.01 },
  enumeration: { objects: 600, seconds: 600, denied: 0.8 },
  scraping: { objects: 3600, seconds: 4 * 3600 },
  probing: { paths: 300, seconds: 300 },
  slowProbing: { paths: 300, seconds: 3 * 3600 },
  exfiltration: { downloads: 40, bytes: 50e6, seconds: 1200 },
  theft: { requests: 120, seconds: 900 },
  takeover: { requests: 40, seconds: 600 },
  // Five orders remain of it in the stealthy form: two might be a hiccup of the payment.
  skipped: { orders: 50, seconds: 900 },
  repeated: { steps: 60, seconds: 300 },
  // Five times the usual remain of it: twice would be an ordinary evening, and less than a sale.
  flood: { multiple: 50, seconds: 600, requestsPerAddress: 40, most: 200_000 },
  errors: { share: 0.6, seconds: 900 },
  slowness: { multiple: 20, seconds: 900 },
} as const;
