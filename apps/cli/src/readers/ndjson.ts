/** Request logs as JSON, one object a line, in the words of the contract. Unknown fields are ignored and named. */
import { requestLogInput } from '@plimsoll/contracts';
import { plainAddress } from './address.js';
import { jsonObject, present, type Reading, readingOf } from './reading.js';
import { isoTime } from './request-line.js';

const known = new Set([...Object.keys(requestLogInput.shape), 'service']);

export function readNdjsonLine(line: string): Reading {
  const entry = jsonObject(line);
  if (!entry) return { reason: 'not a JSON object' };
  const unknown: string[] = [];
  for (const name of Object.keys(entry)) {
    // Many writers say null for what is absent.
    if (entry[name] === null) entry[name] = undefined;
    else if (!known.has(name)) unknown.push(name);
  }
  const service = present(entry['service']);
  entry['ts'] = eventTime(entry['ts']);
  if (typeof entry['ip'] === 'string') entry['ip'] = plainAddress(entry['ip']) ?? entry['ip'];
  const reading = readingOf(entry);
  if ('reason' in reading) return reading;
  return { ...reading, ...(service === undefined ? {} : { service }), ...(unknown.length === 0 ? {} : { unknown }) };
}

/** Milliseconds may carry a fraction; ISO text without a zone is UTC. */
function eventTime(ts: unknown): unknown {
  if (typeof ts === 'number') return Math.round(ts);
  return typeof ts === 'string' ? (isoTime(ts) ?? ts) : ts;
}
