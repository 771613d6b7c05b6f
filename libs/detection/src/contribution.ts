/**
 * Second stage: what spans actors. Each batch leaves small mergeable contributions to the shard of the address, account
 * or endpoint concerned, so that alerts do not depend on the number of shards. Plain JSON; a pure function of the logs
 * of one source (an actor or an address), and a source lives in one shard only.
 */
import type { RequestLog } from '@plimsoll/contracts';

/** What failed sign-ins leave, for the address they came from and for the account they were aimed at. */
interface FailureContribution {
  service: string;
  /** Event time, seconds since the epoch: one contribution an entity and second. */
  second: number;
  /** Failures without a credential; away from sign-ins the busiest endpoint's alone, so that a page's parallel calls count once. */
  authFailures: number;
  /** Those of `authFailures` that were made at a sign-in: the only ones that count over an hour. */
  signInFailures: number;
  authSuccesses: number;
  /** Distinct fingerprints of refused tokens or keys, at most 64: a retry of the same token is no new guess. */
  credentials: string[];
  /** The endpoint of the failures, null where there were several. */
  endpoint: string | null;
  historical: boolean;
  /** Up to 5 of the logs, as evidence; the last is the newest. */
  samples: RequestLog[];
}

export interface AddressContribution extends FailureContribution {
  entity: 'address';
  /** The address. */
  id: string;
  /** Requests of the sources concerned in the last minute and hour: what their misses are measured against. */
  requests: number;
  requestsHour: number;
  /**
   * Requests of the address in this second that found nothing, repeated ones too: misses, and what a bouncer refused.
   * Absent in jobs of workers before an upgrade.
   */
  vain?: number;
  /** Distinct accounts tried in failed sign-ins, at most 64. */
  accounts: string[];
  /** How often each of `accounts` failed. Absent in jobs of workers before an upgrade. */
  tries?: number[];
  /** The host vouched for who failed in all of them: a wrong one-time code is its account's matter. */
  vouched?: boolean;
  /** Distinct accounts that signed in, at most 64: a mistyped password, put right, is no guess. */
  recovered: string[];
  /** Distinct unknown paths (ids cut out) answered 400, 403, 404 or 405, at most 64; `missesBeyond` counts the others. */
  misses: string[];
  missesBeyond: number;
}

export interface ActorContribution extends FailureContribution {
  entity: 'actor';
  /** The account, as named in the sign-in. */
  id: string;
  /** The host itself vouched for the actor (a wrong one-time code within a session). */
  verified: boolean;
  /** Distinct addresses of the failures, at most 64. */
  addresses: string[];
  /** How often each of `addresses` failed, and those that succeeded. Absent in jobs of workers before an upgrade. */
  tries?: number[];
  recovered?: string[];
}

/** What a sign-in endpoint saw in one second: for campaigns of many addresses with a few tries each. */
export interface SignInsContribution {
  entity: 'sign-ins';
  service: string;
  /** `METHOD /route/:param` of the sign-in. */
  id: string;
  second: number;
  historical: boolean;
  /** Distinct pairs, at most 64 of each; the account is empty where none is named. */
  failed: [account: string, address: string][];
  entered: [account: string, address: string][];
  /** Failures and successes, those of further pairs too. */
  failures: number;
  successes: number;
  /** The first failure and the newest few, as evidence. */
  samples: RequestLog[];
}

/** A credential in use by an address whose actor nobody vouches for. */
export interface CredentialContribution {
  entity: 'credential';
  service: string;
  /** Its fingerprint. */
  id: string;
  second: number;
  historical: boolean;
  /** The request. */
  samples: [RequestLog];
}

/** Closed blocks of single actors on the endpoint: see `baseline.ts` for the statistic (the peak count of a block). */
export interface BlockSums {
  windowSeconds: number;
  /** Blocks in which something was flagged: they count only where most actors are flagged. */
  flagged: boolean;
  /** Effective number: a block of an actor that is well known counts less than one of a newcomer. */
  blocks: number;
  sum: number;
  sumOfSquares: number;
}

/** Closed blocks of another measure than the pace: see objects/norms.ts. */
export interface MeasureSums {
  measure: string;
  flagged: boolean;
  blocks: number;
  sum: number;
  sumOfSquares: number;
}

export interface EndpointContribution {
  entity: 'endpoint';
  service: string;
  /** `METHOD /route/:param`. */
  id: string;
  second: number;
  sums: BlockSums[];
  measures?: MeasureSums[];
}

/** Ten seconds of one endpoint in one shard. */
export interface EndpointPulse {
  /** `METHOD /route/:param`. */
  endpoint: string;
  /** Groups of sources with traffic: group, requests, failures (500 and above), timed requests, sum and sum of squares of ln duration. */
  groups: number[][];
  /** What it adds to the present level, where it adds any. Absent in jobs of workers before an upgrade. */
  stirs?: Stir[];
}

/** What a stretch of time brings to a level (rate/level.ts): the index of its window, further actors, by how much they surge more, the loudest. Whole numbers. */
export type Stir = [window: number, actors: number, sum: number, most: number];

/** A bucket of a level's window as it stood at the end of a second. */
export interface LevelRow {
  second: number;
  /** Actors active in the bucket so far, the sum of their surges, the loudest one's: whole numbers. */
  actors: number;
  sum: number;
  most: number;
  /** Of the buckets before, decayed to this one: a logarithm. */
  held: number;
}

/** How far everybody on an endpoint was above the usual at some seconds, all shards together, in their order. Plain JSON. */
export interface Surge {
  service: string;
  endpoint: string;
  levels: { windowSeconds: number; rows: LevelRow[] }[];
}

/** Ten seconds of a service in one shard. All of a service go to one shard, which sees what surges or breaks everywhere. */
export interface PulseContribution {
  entity: 'pulse';
  service: string;
  /** The service. */
  id: string;
  /** Where the ten seconds begin. */
  second: number;
  /** Time of the log by which they were over, milliseconds. */
  newest: number;
  /** Of its newest log. */
  logId: string;
  endpoints: EndpointPulse[];
  /** A few of the requests that failed, as evidence. */
  samples: RequestLog[];
  historical: false;
}

export type Contribution =
  | AddressContribution
  | ActorContribution
  | SignInsContribution
  | CredentialContribution
  | EndpointContribution
  | PulseContribution;

/** One BullMQ job of stage two. */
export interface ContributionBatch {
  /** Derived from the request batch and the shard it goes to: the same for a retry. */
  batch: string;
  shard: number;
  receivedAt: number;
  contributions: Contribution[];
}

/** What is known of everyone on an endpoint, for one window. */
export interface PopulationStatistic {
  windowSeconds: number;
  /** Effective number of closed blocks behind it. */
  blocks: number;
  mean: number;
  variance: number;
}

/** What is known of everyone on an endpoint in another measure than the pace. */
export interface MeasureStatistic {
  measure: string;
  blocks: number;
  mean: number;
  variance: number;
}

/** What the endpoint's shard learnt about its population; published to every shard as its prior. Plain JSON. */
export interface Population {
  service: string;
  endpoint: string;
  statistics: PopulationStatistic[];
  measures?: MeasureStatistic[];
  /** Event time in seconds when the first of `measures` was learnt. */
  measuredSince?: number;
  /** By window: logarithms of what the hour does to the mean (rate/season.ts). Absent where no season is believed. */
  season?: number[][];
}

/** What is usual of a whole service: told to people beside its traffic. Plain JSON. */
export interface UsualTraffic {
  service: string;
  /** Newest minute that it was learnt from, since the epoch. */
  minute: number;
  /** Requests of one minute, in each half hour of the week in UTC; the first is that of the epoch, a Thursday's. */
  bands: [low: number, high: number][];
}

/** Stable text to hash for the shard of a contribution's entity. */
export function contributionEntity(contribution: Pick<Contribution, 'service' | 'entity' | 'id'>): string {
  return JSON.stringify([contribution.service, contribution.entity, contribution.id]);
}
