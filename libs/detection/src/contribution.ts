/**
 * Second stage: what spans actors. Each batch leaves small mergeable contributions to the shard of the address or
 * endpoint concerned, so that alerts do not depend on the number of shards. Plain JSON; a pure function of the logs.
 */
import type { RequestLog } from '@plimsoll/contracts';

export interface AddressContribution {
  entity: 'address';
  service: string;
  /** The address. */
  id: string;
  /** Event time, seconds since the epoch: one contribution an address and second. */
  second: number;
  requests: number;
  authFailures: number;
  authSuccesses: number;
  /** Distinct accounts tried in failed sign-ins, at most 64. */
  accounts: string[];
  /** Distinct paths answered 400, 403, 404 or 405, at most 64; `missesBeyond` counts the others. */
  misses: string[];
  missesBeyond: number;
  historical: boolean;
  /** Up to 5 of the logs, as evidence. */
  samples: RequestLog[];
}

export interface EndpointContribution {
  entity: 'endpoint';
  service: string;
  /** `METHOD /route/:param`. */
  id: string;
  second: number;
  /** Closed windows of single actors: how many, sum and sum of squares of their statistic (see rate model). */
  windows: number;
  sum: number;
  sumOfSquares: number;
}

export type Contribution = AddressContribution | EndpointContribution;

/** One BullMQ job of stage two. */
export interface ContributionBatch {
  /** Derived from the request batch and the shard it goes to: the same for a retry. */
  batch: string;
  shard: number;
  receivedAt: number;
  contributions: Contribution[];
}

/** What the endpoint's shard learnt about its population; published to every shard as its prior. */
export interface Population {
  service: string;
  endpoint: string;
  /** Effective number of closed windows behind it. */
  windows: number;
  mean: number;
  variance: number;
}
