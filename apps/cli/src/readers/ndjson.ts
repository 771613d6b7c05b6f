/** Request logs as JSON, one object a line, in the words of the contract. Unknown fields are ignored and named. */
import { requestLogInput } from '@plimsoll/contracts';
import { jsonObject, present, type Reading, readingOf } from './reading.js';
import { isoTime } from './request-line.js';

const known = new Set([...Object.keys(requestLogInput.shape), 'service']);

export function readNdjsonLine(line: string): Reading {
  const entry = jsonObject(line);
  if (!entry) return { reason: 'not a JSON object' };
  const { ts, service, ...fields } = entry;
  const reading = readingOf({ ...withoutNulls(fields), ts: eventTime(ts) });
  if ('reason' in reading) return reading;
  const unknown = Object.keys(entry).filter((name) => !known.has(name));
  const named = present(service);
  return { ...reading, ...(named === undefined ? {} : { service: named }), ...(unknown.length === 0 ? {} : { unknown }) };
}

/** Many writers say null for what is absent. */
function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** Milliseconds may carry a fraction; ISO text without a zone is UTC. */
function eventTime(ts: unknown): unknown {
  if (typeof ts === 'number') return Math.round(ts);
  return typeof ts === 'string' ? (isoTime(ts) ?? ts) : ts;
}
