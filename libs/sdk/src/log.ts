/**
 * Turns what a host records into a request log that is safe to send: only known fields, bounded lengths, no query, no
 * control characters. Texts are cleaned exactly as ingestion cleans them, so that the id in a decision that comes back
 * is the id that the SDK looks up.
 */
import type { RequestLogInput } from '@plimsoll/contracts';
import { plainAddress } from './address.js';

/** What a host passes to `record`: a request log whose time is now where it is not given. */
export type RecordedRequest = Omit<RequestLogInput, 'ts'> & { ts?: RequestLogInput['ts'] };

// C0, DEL, C1, line separators, bidirectional overrides and lone surrogates, as in the contracts' cleanText.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PLAIN = /^[\x20-\x7e]*$/;

/** Replaces what can forge lines, reorder text or break encodings by U+FFFD. */
export function cleanText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, '\ufffd');
}

/** An id is used whole or not at all: a shortened one could be somebody else's. Numbers are written out. Not yet cleaned. */
function idOf(id: unknown, max: number): string | undefined {
  const text = typeof id === 'number' || typeof id === 'bigint' ? String(id) : id;
  return typeof text === 'string' && text.length > 0 && text.length <= max ? text : undefined;
}

/** An id as it is looked up. */
export function cleanId(id: unknown, max: number): string | undefined {
  const text = idOf(id, max);
  return text === undefined ? undefined : cleanText(text);
}

/** Before the path of a target in absolute form (RFC 9112, 3.2.2), which frameworks route by its path alone. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** The path of a request's target, without query and fragment; at most 2,048 characters. */
export const withoutQuery = (target: string): string => cleanText(pathOf(target));

/** The same, not yet cleaned. */
function pathOf(target: string): string {
  const whole = target.startsWith('/') ? target : target.replace(AUTHORITY, '');
  const query = whole.indexOf('?');
  const fragment = whole.indexOf('#');
  const end = query < 0 ? fragment : fragment < 0 ? query : Math.min(query, fragment);
  return whole.slice(0, end < 0 ? 2048 : Math.min(end, 2048)) || '/';
}

const METHOD = /^[A-Za-z-]{1,20}$/;
const clip = (text: unknown, max: number): string | undefined =>
  typeof text === 'string' && text.length > 0 ? text.slice(0, max) : undefined;
const size = (value: unknown): number => (typeof value === 'number' && value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0);

/** Milliseconds, or an ISO 8601 time, which ingestion reads; undefined where it is neither. */
function eventTime(ts: unknown): number | string | undefined {
  if (typeof ts === 'string') return ts.length <= 64 ? ts : undefined;
  const ms = ts instanceof Date ? ts.getTime() : ts;
  return typeof ms === 'number' && Number.isFinite(ms) ? Math.round(ms) : undefined;
}

/**
 * A request log within its bounds. Its texts are cleaned where they are kept, once for all logs that share one (columns.ts);
 * its fields are always all there, so that all have one hidden class.
 */
export interface BoundLog {
  ts: number | string;
  method: string;
  path: string;
  status: number;
  /** Hundredths of a millisecond. */
  duration: number;
  bytesIn: number;
  bytesOut: number;
  ip: string;
  userAgent: string;
  route: string | undefined;
  actor: string | undefined;
  authenticated: boolean | undefined;
  auth: RequestLogInput['auth'];
  credential: string | undefined;
  verdict: RequestLogInput['verdict'];
  traceId: string | undefined;
  id: string | undefined;
  /** Estimate of its size as JSON. */
  sizeBytes: number;
}

/** The log to keep, or undefined where time, method, path or status make no sense. May throw where `input` has hostile getters. */
export function boundLog(input: RecordedRequest, now: number): BoundLog | undefined {
  const { method, path, status, auth, verdict } = input;
  if (typeof method !== 'string' || !METHOD.test(method) || typeof path !== 'string') return undefined;
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const ts = eventTime(input.ts ?? now);
  if (ts === undefined) return undefined;
  const actor = idOf(input.actor, 256);
  const log: BoundLog = {
    ts,
    method: method.toUpperCase(),
    path: pathOf(path),
    status,
    duration: Math.min(Math.round(size(input.durationMs) * 100), 8_640_000_000),
    bytesIn: Math.round(size(input.bytesIn)),
    bytesOut: Math.round(size(input.bytesOut)),
    // No address (a Unix socket): the unspecified one, which no decision is ever matched with.
    ip: (typeof input.ip === 'string' && plainAddress(input.ip)) || '0.0.0.0',
    userAgent: clip(input.userAgent, 512) ?? '',
    route: clip(input.route, 512),
    actor,
    authenticated: actor === undefined ? undefined : input.authenticated !== false,
    auth: auth === 'success' || auth === 'failure' ? auth : undefined,
    credential: idOf(input.credential, 128),
    verdict: verdict === 'throttle' || verdict === 'challenge' || verdict === 'block' ? verdict : undefined,
    traceId: clip(input.traceId, 64),
    id: idOf(input.id, 128),
    sizeBytes: 0,
  };
  log.sizeBytes = estimateSize(log);
  return log;
}

function estimateSize({ path, route, userAgent, actor, credential, traceId, id }: BoundLog): number {
  const known = path.length + (route?.length ?? 0) + userAgent.length + (actor?.length ?? 0);
  return 200 + known + (credential?.length ?? 0) + (traceId?.length ?? 0) + (id?.length ?? 0);
}
