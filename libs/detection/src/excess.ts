/**
 * What a detector hands to the accuser: a behaviour over its limit, before anybody is told. Words and lists are made
 * only when something is said.
 */
import type { AlertKind, AlertPoint, Evidence, RateLimit, Signal, Subject } from '@plimsoll/contracts';

export interface Excess {
  kind: AlertKind;
  subject: Subject;
  endpoint: string | null;
  /** Tells findings of one kind about one subject apart: the endpoint, or empty where there is one finding a subject. */
  where: string;
  /** The first three carry the same unit and window; observed is above the limit. */
  observed: number;
  expected: number;
  limit: number;
  unit: string;
  windowSeconds: number;
  /** 0..1; one half at the limit. */
  score: number;
  evidence: Evidence;
  /** The host vouches for the subject: it may be held by its id. */
  verified: boolean;
  /** The throttle that holds the subject to its limit; null where a throttle makes no sense. */
  rate: RateLimit | null;
  /** Requests that took part since the last excess of the same finding, */
  requests: number;
  /** and up to its first. */
  opening?: number;
  /** @param limit what would have cleared the subject, all tolerance included */
  words: (limit: number) => Words;
}

export interface Words {
  /** One sentence with numbers, and what would have cleared the subject. */
  explanation: string;
  signals: Signal[];
  /** Oldest first, at most 60. */
  points: AlertPoint[];
  actors?: string[];
  addresses?: string[];
  /** How many there are, where more are known than listed. */
  actorCount?: number;
  addressCount?: number;
}

/** The population's part of a point, where anybody of it was seen. */
export const populationOf = (mean: number, blocks: number): Pick<AlertPoint, 'population'> =>
  blocks >= 1 ? { population: mean } : {};

/** Who is named: an actor with the address of its log, or the address alone. */
export const partiesOf = ({ type, id }: Pick<Subject, 'type' | 'id'>, ip: string): Pick<Words, 'actors' | 'addresses'> =>
  type === 'actor' ? { actors: [id], addresses: [ip] } : { addresses: [id] };
