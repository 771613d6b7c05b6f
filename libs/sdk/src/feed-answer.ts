/**
 * Reads an answer of the decision feed. Written by hand, with no library, and believing nothing: an answer of the wrong
 * shape is refused whole; a single decision that makes no sense is left out and counted, so that one of a newer kind
 * cannot switch off the others. Only fields that are known are copied, into objects of our own.
 */
import type { Feed, FeedDecision, RateLimit } from '@plimsoll/contracts';
import { plainAddress } from './address.js';

/** No decision lasts longer than contracts allow (a year, and a day of slack), whatever the server says. */
const MAX_DURATION_MS = 367 * 86_400_000;
const MAX_REASON = 500;

export interface ReadFeed {
  feed: Feed;
  /** Decisions that were left out. */
  faulty: number;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

/** The feed in `text`, or undefined where it is none. */
export function readFeed(text: string): ReadFeed | undefined {
  const body = parse(text);
  if (!isFields(body)) return undefined;
  const { version, full, serverTime, decisions, lifted } = body;
  if (!isVersion(version) || typeof full !== 'boolean' || !isVersion(serverTime)) return undefined;
  if (!Array.isArray(decisions) || !Array.isArray(lifted)) return undefined;
  const read = decisions.map((decision: unknown) => readDecision(decision, serverTime)).filter((one) => one !== undefined);
  const ids = lifted.filter((id): id is string => isText(id, 128));
  const faulty = decisions.length - read.length + lifted.length - ids.length;
  return { feed: { version, full, serverTime, decisions: read, lifted: ids }, faulty };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readDecision(value: unknown, serverTime: number): FeedDecision | undefined {
  if (!isFields(value)) return undefined;
  const { id, version, action, endpoint, reason, until } = value;
  if (!isText(id, 128) || !isVersion(version) || !isVersion(until)) return undefined;
  if (action !== 'block' && action !== 'throttle') return undefined;
  if (endpoint !== null && !isText(endpoint, 768)) return undefined;
  const subject = readSubject(value['subject']);
  const rate = action === 'throttle' ? readRate(value['rate']) : null;
  if (subject === undefined || rate === undefined) return undefined;
  return {
    id,
    version,
    action,
    subject,
    endpoint,
    rate,
    reason: typeof reason === 'string' ? reason.slice(0, MAX_REASON) : '',
    until: Math.min(until, serverTime + MAX_DURATION_MS),
  };
}

function readSubject(value: unknown): FeedDecision['subject'] | undefined {
  if (!isFields(value) || !isText(value['id'], 768)) return undefined;
  const { type, id } = value;
  if (type === 'address') {
    const address = plainAddress(id);
    return address === undefined ? undefined : { type, id: address };
  }
  return type === 'actor' || type === 'credential' ? { type, id } : undefined;
}

function readRate(value: unknown): RateLimit | undefined {
  if (!isFields(value)) return undefined;
  const { requests, windowSeconds } = value;
  const sane = (number: unknown): number is number => typeof number === 'number' && number >= 1e-6 && number <= 1e9;
  return sane(requests) && sane(windowSeconds) ? { requests, windowSeconds } : undefined;
}
